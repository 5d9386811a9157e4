/** A body grew past its bound. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/** Most bytes of a whole answer: an answer with inlined images stays well under it. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** Most bytes read of an error: enough for any provider's own, too little for anybody's game. */
export const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Reads a response's body as text within a bound. Where the response says how long it is, the platform reads it in one go, which costs a
 * fraction of reading it piece by piece; HTTP lets no body be longer than it says.
 */
export function readResponse(response: Response, maxBytes: number): Promise<string> {
  const length = response.headers.get('content-length');
  const said = length === null || response.headers.has('content-encoding') ? Number.NaN : Number(length);
  if (said <= maxBytes) return response.text();
  return readBounded(response.body, maxBytes, 'throw');
}

/**
 * Reads a body as text within a bound. `onExcess` says what is done with more: `throw` gives `BodyTooLargeError`, `cut` what came
 * before. Either way the rest is cancelled, never buffered.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  onExcess: 'throw' | 'cut',
): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return text + decoder.decode();
      }
      size += value.byteLength;
      if (size > maxBytes) {
        if (onExcess === 'throw') throw new BodyTooLargeError(`the answer is larger than ${maxBytes} bytes`);
        return text + decoder.decode(value.subarray(0, value.byteLength - (size - maxBytes)));
      }
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => undefined);
  }
}
