import { EventReader, type StreamOutcome } from './event-reader.ts';
import type { ModelStream, StreamModel } from './model-call.ts';
import { type Attempt, type AttemptReport, callModel } from './model-caller.ts';
import { send, withoutSecrets } from './send.ts';
import { UpstreamFailure } from './upstream-failure.ts';

/** Starts a streamed call (`StreamModel`). */
export const streamModel: StreamModel = async (context, target, request, options): Promise<ModelStream> => {
  const { call, failures, value } = await callModel(context, target, request, options, true, attemptStream);
  return {
    target: call.target,
    keyStrategy: call.key.strategy,
    dropped: call.dropped,
    failures,
    events: value,
  };
};

/** One attempt at a stream: it has succeeded when the answer begins to say something. */
async function attemptStream({ surroundings, call, stop, timeouts, report }: Attempt): Promise<EventReader> {
  const { clock, log } = surroundings;
  const { provider, codec, key } = call;
  const response = await send(
    { provider, codec, key, tools: surroundings, stop, headersMs: timeouts.headersMs },
    { url: call.url, body: call.body, accept: 'text/event-stream' },
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
  return reader;
}

/** A caller who leaves in the middle had its answer as far as it wanted it. */
function tell(report: AttemptReport, outcome: StreamOutcome): void {
  if (outcome.kind === 'failed') report.failed(outcome.error);
  else report.finished();
}
