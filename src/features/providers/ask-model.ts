import { BodyTooLargeError, MAX_ANSWER_BYTES, readBounded } from './bounded-body.ts';
import { MalformedUpstreamError } from './codec.ts';
import type { ConversationResponse } from './conversation.ts';
import type { AskModel, ModelAnswer } from './model-call.ts';
import { type Attempt, callModel } from './model-caller.ts';
import { connectionFailure, send, withoutSecrets } from './send.ts';
import { UpstreamFailure } from './upstream-failure.ts';
import { ReportedUpstreamError } from './wire/fields.ts';

/**
 * Makes a call that is answered whole (`AskModel`), in the provider's unstreamed form. There the headers mostly come with the answer
 * itself, so an attempt has the time for headers and the time for a first event together, and no idle limit.
 */
export const askModel: AskModel = async (context, target, request, options): Promise<ModelAnswer> => {
  const { call, failures, value } = await callModel(context, target, request, options, false, attemptWhole);
  return {
    target: call.target,
    keyStrategy: call.key.strategy,
    dropped: call.dropped,
    failures,
    response: value,
  };
};

async function attemptWhole({
  surroundings,
  call,
  stop,
  timeouts,
  report,
}: Attempt): Promise<ConversationResponse> {
  const { provider, codec, key } = call;
  const allowedMs = timeouts.headersMs + timeouts.firstEventMs;
  stop.limit(allowedMs, {
    kind: 'timeout',
    message: `${provider.name} did not answer within ${allowedMs} ms.`,
  });
  const response = await send(
    { provider, codec, key, tools: surroundings, stop, headersMs: allowedMs },
    { url: call.url, body: call.body, accept: 'application/json' },
  );
  const malformed = (what: string) =>
    new UpstreamFailure({
      kind: 'malformed',
      status: response.status,
      message: `${provider.name} sent ${what}.`,
    });
  const text = await stop.guard(
    () => readBounded(response.body, MAX_ANSWER_BYTES, 'throw'),
    (cause) =>
      cause instanceof BodyTooLargeError
        ? malformed(`an answer of more than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB`)
        : connectionFailure(provider, cause),
  );
  const answer = decode(text, call, malformed, surroundings);
  stop.release();
  report.answered('whole');
  report.finished();
  return answer;
}

function decode(
  text: string,
  { codec, provider, key }: Attempt['call'],
  malformed: (what: string) => UpstreamFailure,
  { log }: Attempt['surroundings'],
): ConversationResponse {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // The parser's message would quote the answer.
    throw malformed('an answer that is not JSON');
  }
  try {
    return codec.decodeResponse(body);
  } catch (cause) {
    if (cause instanceof ReportedUpstreamError)
      throw new UpstreamFailure(withoutSecrets(cause.error, provider, key));
    if (!(cause instanceof MalformedUpstreamError))
      log.error('a decoder failed', { provider: provider.id, format: codec.format, cause });
    throw malformed('an answer that is not of its format');
  }
}
