/** A response was not what was asked for: another status, too large, not JSON. */
export class FetchedJsonError extends Error {
  override readonly name = 'FetchedJsonError';
}

export interface FetchBounds {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Gets JSON from an address of the deployment's own settings, within bounds of time and size. Redirects are not followed: they could carry a
 * key elsewhere. Throws `FetchedJsonError`, or what `fetch` throws (no connection, a time-out).
 */
export async function fetchJson(
  url: string,
  { timeoutMs, maxBytes, headers }: FetchBounds,
): Promise<unknown> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { accept: 'application/json', ...headers },
  });
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new FetchedJsonError(`${new URL(url).host} answered ${response.status}`);
  }
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  // The reader is let go however the loop ends, which ends the transfer.
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes)
      throw new FetchedJsonError(`${new URL(url).host} answered more than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  try {
    return JSON.parse(text + decoder.decode());
  } catch (cause) {
    throw new FetchedJsonError(`${new URL(url).host} did not answer JSON`, { cause });
  }
}
