import type { Logger } from '../../platform/log.ts';
import type { ForwardedStream, UpstreamErrorInfo } from '../providers/index.ts';
import type { AnswerSummary } from './answer-tally.ts';
import { errorEvent } from './error-event.ts';
import { CLIENT_GONE, type StreamContext, type StreamedAnswer } from './stream-answer.ts';
import { meterRequest } from './stream-meter.ts';

/** Where a copy of a stream is counted: an invocation of its own. */
export interface StreamMeterService {
  fetch(request: Request): Promise<Response>;
}

const encoder = new TextEncoder();

/**
 * Passes an answer of the client's own format on as the provider sends it. The bytes are piped by the platform and never enter JavaScript; a copy
 * of them is counted by an invocation of its own. Per chunk that costs a third of what any JavaScript in the way would.
 *
 * The shape matters. The answer is piped into a stream of ours, which is copied: (1) only because of the first of these does the platform tell
 * us that the client has gone, and keep the invocation for as long as the answer takes; (2) because both copies are pumped by the platform, the
 * provider is read as slowly as the client reads, and nothing is buffered. A copy that is read here would buffer the whole answer
 * for a slow client (docs/decisions/0016-streams.md has the measurements).
 */
export function pipeStream(
  answer: ForwardedStream,
  { call, requestId }: StreamContext,
  meter: StreamMeterService,
  log: Logger,
): StreamedAnswer {
  const { reader, stop } = answer;
  const head = reader.takeBytes();
  const rest = reader.detach();
  const { readable, writable } = new IdentityTransformStream();
  const [forClient, forMeter] = readable.tee();
  const counted = meter
    .fetch(meterRequest(forMeter, call.surface.format))
    .then((response) => response.json<AnswerSummary>())
    .catch((error: unknown): AnswerSummary => {
      log.error('a stream could not be counted', { error, model: answer.target.modelId });
      return { reported: null, saidTokens: 0, whole: false, error: null };
    });
  const piped = pipe(writable, head, rest).then(
    () => null,
    async (): Promise<UpstreamErrorInfo> => {
      const reason = stop.reason ?? {
        kind: 'connection' as const,
        message: 'The provider broke off in the middle of its answer.',
      };
      stop.stop(CLIENT_GONE);
      const words = SPOILED[call.surface.feature] + errorEvent(call.surface, reason, requestId);
      await append(writable, isGone(reason) ? '' : words);
      return reason;
    },
  );
  return { body: forClient, ended: finish(answer, piped, counted) };
}

/**
 * The client may have the beginning of an event, which cannot be taken back: what makes its parser pass over it. A later name counts, so that it becomes
 * one of Anthropic's pings, which nobody reads; in OpenAI's format, if it has no data yet, it becomes our own.
 */
const SPOILED = { messages: '\nevent: ping\n\n', responses: '\n', chat: '\n\n' } as const;

async function pipe(
  writable: WritableStream<Uint8Array>,
  head: readonly Uint8Array[],
  rest: ReadableStream<Uint8Array> | null,
): Promise<void> {
  const writer = writable.getWriter();
  for (const bytes of head) await writer.write(bytes);
  if (rest === null) {
    await writer.close();
    return;
  }
  writer.releaseLock();
  await rest.pipeTo(writable, { preventAbort: true, preventClose: true });
  await writable.getWriter().close();
}

/** Writes the last words of a stream that broke. The client may have gone, and then there is nobody to tell. */
async function append(writable: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = writable.getWriter();
  await (text === '' ? Promise.resolve() : writer.write(encoder.encode(text)))
    .then(() => writer.close())
    .catch(() => undefined);
}

function isGone(error: UpstreamErrorInfo): boolean {
  return error.code === CLIENT_GONE.code;
}

async function finish(
  { stop, report }: ForwardedStream,
  piped: Promise<UpstreamErrorInfo | null>,
  counted: Promise<AnswerSummary>,
): Promise<AnswerSummary> {
  const [broke, summary] = await Promise.all([piped, counted]);
  stop.release();
  const error = broke ?? summary.error;
  if (error === null || isGone(error)) report.finished();
  else report.failed(error);
  return { ...summary, error };
}
