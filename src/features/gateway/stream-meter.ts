import { createSseParser } from '../../platform/sse.ts';
import { codecFor, WIRE_FORMATS, type WireFormat } from '../providers/index.ts';
import { type AnswerSummary, AnswerTally } from './answer-tally.ts';

/**
 * Bytes read at a time. Reading costs a hop into JavaScript whatever its size, and a stream of 1,200 tokens is about 300 KB: so it is
 * read in a few pieces. It is also what of a stream that breaks may be lost to the count, if the platform breaks it without an end.
 */
const BLOCK_BYTES = 32 * 1024;

/**
 * Counts an answer that is piped to the client unseen, from a copy of its bytes. It reads to the end, whatever way that comes; what it
 * cannot read ends the count, never the client's stream.
 */
export async function meterStream(
  body: ReadableStream<Uint8Array>,
  format: WireFormat,
): Promise<AnswerSummary> {
  const tally = new AnswerTally();
  const parser = createSseParser();
  const decoder = codecFor(format).streamDecoder();
  let readable = true;
  const reader = body.getReader({ mode: 'byob' });
  for (let block = new Uint8Array(BLOCK_BYTES); ; ) {
    const piece = await reader.readAtLeast(BLOCK_BYTES, block).catch(() => BROKEN);
    if (piece.value !== undefined && readable) readable = count(piece.value);
    if (piece.done) break;
    block = new Uint8Array(piece.value?.buffer ?? BLOCK_BYTES);
  }
  if (readable) tally.add(decoder.end());
  return tally.summary();

  function count(bytes: Uint8Array): boolean {
    try {
      for (const event of parser.push(bytes)) tally.add(decoder.event(event));
      return true;
    } catch {
      // Whatever it is, it is not of its format; what it was is for the provider's health to tell, not for the count.
      tally.add([{ type: 'error', error: NOT_OF_ITS_FORMAT }]);
      return false;
    }
  }
}

/** The stream broke: what was counted until then is what it came to. */
const BROKEN = { done: true, value: undefined } as const;

const NOT_OF_ITS_FORMAT = { kind: 'malformed', message: 'The stream is not of its format.' } as const;

/** The request that hands a copy of a stream to the meter. */
export function meterRequest(body: ReadableStream<Uint8Array>, format: WireFormat): Request {
  return new Request(`https://stream-meter/${format}`, { method: 'POST', body });
}

/** Answers such a request with the summary. */
export async function answerMeterRequest(request: Request): Promise<Response> {
  const format = WIRE_FORMATS.find((one) => new URL(request.url).pathname === `/${one}`);
  if (format === undefined || request.body === null) return new Response(null, { status: 400 });
  return Response.json(await meterStream(request.body, format));
}
