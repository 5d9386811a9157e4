import { BodyTooLargeError, MAX_ANSWER_BYTES, readResponse } from './bounded-body.ts';
import type { ClientRequest } from './client-request.ts';
import { MalformedUpstreamError, type WireCodec } from './codec.ts';
import type { ConversationResponse, Dropped } from './conversation.ts';
import { EventReader, type StreamOutcome } from './event-reader.ts';
import type { AttemptFailure, CallContext, CallOptions, KeyStrategy, ModelTarget } from './model-call.ts';
import { type Answered, type Attempt, type AttemptReport, callModel } from './model-caller.ts';
import { connectionFailure, send, withoutSecrets } from './send.ts';
import type { StopSwitch } from './stop-switch.ts';
import { UpstreamFailure } from './upstream-failure.ts';
import { ReportedUpstreamError } from './wire/fields.ts';
import { decodeEmbeddingResponse, type EmbeddingRequest, type EmbeddingResponse } from './wire/index.ts';

/** What is known of a client's request that a provider has begun to answer. */
export interface Forwarded {
  readonly target: ModelTarget;
  readonly keyStrategy: KeyStrategy;
  /** The tenant's key that was used; absent where it was another's. */
  readonly providerKeyId?: string | undefined;
  /** When the attempt began that gave the answer, in milliseconds. */
  readonly startedAt: number;
  /** The answer is in the client's own format, and the provider was sent the client's own body. */
  readonly verbatim: boolean;
  /** The provider's format, for reading what it says. */
  readonly codec: WireCodec;
  /** What the provider's format could not say. */
  readonly dropped: readonly Dropped[];
  /** Attempts that failed before this one, oldest first. */
  readonly failures: readonly AttemptFailure[];
}

/** A whole answer: as it came and as it reads. */
export interface ForwardedAnswer extends Forwarded {
  readonly text: string;
  readonly response: ConversationResponse;
}

/** A streamed answer that has begun to say something: from here on nothing is retried. */
export interface ForwardedStream extends Forwarded {
  /** Everything that came so far is still in it, bytes and events. */
  readonly reader: EventReader;
  /** Ends the call to the provider. */
  readonly stop: StopSwitch;
  /** For who detaches the reader: tells breaker and health how the rest went. */
  readonly report: Pick<AttemptReport, 'finished' | 'failed'>;
}

/**
 * Passes a client's request to the first target that answers, whole. Throws `ModelCallError`, and `ParallaxError` for a body that is not of its
 * format when a target speaks another.
 */
export async function forwardWhole(
  context: CallContext,
  target: ModelTarget,
  request: ClientRequest,
  options: CallOptions,
): Promise<ForwardedAnswer> {
  const answered = await callModel(context, target, request, options, false, readWhole);
  return { ...forwarded(answered), ...answered.value };
}

/** Embeddings of a request's inputs, one vector each, and how they came. */
export interface ForwardedEmbeddings extends Forwarded {
  readonly response: EmbeddingResponse;
}

/** Asks the first target that answers for embeddings. Throws `ModelCallError`. */
export async function forwardEmbeddings(
  context: CallContext,
  target: ModelTarget,
  request: Omit<EmbeddingRequest, 'model'>,
  options: CallOptions,
): Promise<ForwardedEmbeddings> {
  const { input } = request;
  const inputs = input.kind === 'texts' ? input.texts.length : input.tokens.length;
  const answered = await callModel(context, target, { embedding: request }, options, false, (attempt) =>
    readJsonAnswer(attempt, (body) => decodeEmbeddingResponse(body, inputs)),
  );
  return { ...forwarded(answered), response: answered.value.response };
}

/** The same, streamed. Resolves when the answer begins to say something. */
export async function forwardStream(
  context: CallContext,
  target: ModelTarget,
  request: ClientRequest,
  options: CallOptions,
): Promise<ForwardedStream> {
  const answered = await callModel(context, target, request, options, true, beginStream);
  return { ...forwarded(answered), ...answered.value };
}

function forwarded({ call, startedAt, failures }: Answered<unknown>): Forwarded {
  const { target, key, verbatim, codec, dropped } = call;
  return {
    target,
    keyStrategy: key.strategy,
    providerKeyId: key.id,
    startedAt,
    verbatim,
    codec,
    dropped,
    failures,
  };
}

/** One attempt at a whole answer of a conversation. */
export function readWhole(attempt: Attempt): Promise<JsonAnswer<ConversationResponse>> {
  return readJsonAnswer(attempt, (body) => attempt.call.codec.decodeResponse(body));
}

interface JsonAnswer<T> {
  readonly text: string;
  readonly response: T;
}

/** One attempt at an answer in one piece; headers mostly come with it, so it has the time for headers and for a first event together. */
async function readJsonAnswer<T>(
  { surroundings, call, stop, timeouts, report, heard }: Attempt,
  read: (body: unknown) => T,
): Promise<JsonAnswer<T>> {
  const { provider, codec, key } = call;
  const allowedMs = timeouts.headersMs + timeouts.firstEventMs;
  stop.limit(allowedMs, {
    kind: 'timeout',
    message: `${provider.name} did not answer within ${allowedMs} ms.`,
  });
  const response = await send(
    { provider, codec, key, tools: surroundings, stop, headersMs: allowedMs, heard },
    { url: call.url, body: call.body, headers: call.headers, accept: 'application/json' },
  );
  const malformed = (what: string) =>
    new UpstreamFailure({
      kind: 'malformed',
      status: response.status,
      message: `${provider.name} sent ${what}.`,
    });
  const text = await stop.guard(
    () => readResponse(response, MAX_ANSWER_BYTES),
    (cause) =>
      cause instanceof BodyTooLargeError
        ? malformed(`an answer of more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`)
        : connectionFailure(provider, cause),
  );
  const answer = decode(text, read, call, malformed, surroundings);
  stop.release();
  report.answered('whole');
  report.finished();
  return { text, response: answer };
}

function decode<T>(
  text: string,
  read: (body: unknown) => T,
  { codec, provider, key }: Attempt['call'],
  malformed: (what: string) => UpstreamFailure,
  { log }: Attempt['surroundings'],
): T {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The parser's message would quote the answer.
    throw malformed('an answer that is not JSON');
  }
  try {
    return read(body);
  } catch (cause) {
    if (cause instanceof ReportedUpstreamError)
      throw new UpstreamFailure(withoutSecrets(cause.error, provider, key));
    if (!(cause instanceof MalformedUpstreamError))
      log.error('a decoder failed', { provider: provider.id, format: codec.format, cause });
    throw malformed('an answer that is not of its format');
  }
}

/** One attempt at a stream: it has succeeded when the answer begins to say something. */
export async function beginStream({ surroundings, call, stop, timeouts, report, heard }: Attempt): Promise<{
  readonly reader: EventReader;
  readonly stop: StopSwitch;
  readonly report: AttemptReport;
}> {
  const { clock, log } = surroundings;
  const { provider, codec, key } = call;
  const response = await send(
    { provider, codec, key, tools: surroundings, stop, headersMs: timeouts.headersMs, heard },
    { url: call.url, body: call.body, headers: call.headers, accept: 'text/event-stream' },
  );
  if (response.body === null) {
    throw new UpstreamFailure({
      kind: 'malformed',
      status: response.status,
      message: `${provider.name} answered without a body.`,
    });
  }
  // An answer may have arrived whole by the time that it is known to have begun.
  let begun = false;
  let ended: StreamOutcome | undefined;
  const reader = new EventReader({
    body: response.body,
    decoder: codec.streamDecoder(),
    stop,
    clock,
    idleMs: timeouts.idleMs,
    providerName: provider.name,
    keepBytes: call.verbatim,
    clean: (error) => withoutSecrets(error, provider, key),
    onEnd: (outcome) => {
      ended = outcome;
      if (begun) tell(report, outcome);
    },
    onDefect: (cause) =>
      log.error('a stream decoder failed', { provider: provider.id, format: codec.format, cause }),
  });
  // Throws for an answer that fails before it begins: the attempt's failure, told as such.
  await reader.begin(timeouts.firstEventMs);
  begun = true;
  report.answered('streamed');
  if (ended !== undefined) tell(report, ended);
  return { reader, stop, report };
}

/** A caller who leaves in the middle had its answer as far as it wanted it. */
function tell(report: AttemptReport, outcome: StreamOutcome): void {
  if (outcome.kind === 'failed') report.failed(outcome.error);
  else report.finished();
}
