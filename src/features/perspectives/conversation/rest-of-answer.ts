import {
  type ConversationEvent,
  NO_USAGE,
  type TokenUsage,
  type UpstreamErrorInfo,
} from '../../providers/index.ts';
import type { RunAnswer } from '../run-answer.ts';
import type { ReceiptLine } from '../run-store.ts';
import { wholeParts } from '../whole-characters.ts';
import { runFailure } from './run-failure.ts';
import type { StopText } from './stop-text.ts';

/** Length of the pieces, in UTF-16 units, in which a text that is there whole is passed on. */
const PIECE = 4_096;

/** What has been passed on of an answer by the time that its run has finished. */
export interface Passed {
  /** Whether `start` was. */
  readonly started: boolean;
  /** The merged text that was received, whether or not all of it was passed on. */
  readonly text: string;
  readonly stop: StopText;
}

/** The rest of an answer, once its run has finished, in the order of `ConversationEvent`. */
export function* restOfAnswer(
  answer: RunAnswer,
  passed: Passed,
  start: ConversationEvent,
): Generator<ConversationEvent, void, void> {
  const error = failureOf(answer, passed);
  if (error !== null) {
    yield { type: 'error', error };
    return;
  }
  if (!passed.started) yield start;
  const { decision, text, toolCalls } = answer;
  if (decision === null) yield* refusal(answer);
  else if (decision.action === 'tool_calls') {
    yield* pieces(text);
    for (const [call, { id, name, arguments: written, signature }] of toolCalls.entries()) {
      const signed = signature === undefined ? {} : { signature };
      yield { type: 'tool_call_start', choice: 0, call, id, name, ...signed };
      yield { type: 'tool_call_arguments', choice: 0, call, fragment: written };
    }
    yield { type: 'finish', choice: 0, reason: 'tool_calls' };
  } else {
    yield* pieces(passed.stop.push(text.slice(passed.text.length)) + passed.stop.end());
    const { met } = passed.stop;
    yield met === null
      ? { type: 'finish', choice: 0, reason: decision.finishReason }
      : { type: 'finish', choice: 0, reason: 'stop_sequence', stopSequence: met };
  }
  yield { type: 'usage', usage: totalUsage(answer.receipt) };
  yield { type: 'end' };
}

/** Why there is no answer; null when there is one. A run that every model declined has one: that it was declined. */
function failureOf(
  { decision, failures, status, text }: RunAnswer,
  passed: Passed,
): UpstreamErrorInfo | null {
  // What was shown cannot be taken back, and a second text behind it would make neither.
  if (decision !== null) return text.startsWith(passed.text) ? null : BROKE_OFF;
  if (status !== 'failed') return NO_ANSWER;
  if (failures.every(({ error }) => error.code === 'refused')) return null;
  return failures.some(({ error }) => error.code === 'cancelled') ? CANCELLED : runFailure(failures);
}

/** The run was stopped from elsewhere while its models were asked. */
const CANCELLED: UpstreamErrorInfo = {
  kind: 'connection',
  code: 'cancelled',
  message: 'The run was cancelled before it had an answer.',
};

const NO_ANSWER: UpstreamErrorInfo = {
  kind: 'server_error',
  code: 'no_answer',
  message:
    'The run ended before its answers were one: it was cancelled, or something failed on our side. Read them by the run’s id, or ask again.',
};

const BROKE_OFF: UpstreamErrorInfo = {
  kind: 'connection',
  code: 'merge_broke_off',
  message:
    'The merged answer broke off, and what stands in its place is another text. Read the run by its id, or ask again.',
};

function* refusal({ failures }: RunAnswer): Generator<ConversationEvent, void, void> {
  const said = failures.find((failure) => failure.refusal !== '')?.refusal ?? '';
  if (said !== '') yield { type: 'refusal', choice: 0, text: said };
  yield { type: 'finish', choice: 0, reason: 'refusal' };
}

function* pieces(text: string): Generator<ConversationEvent, void, void> {
  for (const { part } of wholeParts(text, PIECE)) yield { type: 'text', choice: 0, text: part };
}

/** Tokens of all calls of a run. */
export function totalUsage(receipt: readonly ReceiptLine[]): TokenUsage {
  return receipt.reduce<TokenUsage>((total, { usage }) => {
    const sum = {
      inputTokens: total.inputTokens + usage.inputTokens,
      cachedInputTokens: total.cachedInputTokens + usage.cachedInputTokens,
      cacheWriteTokens: total.cacheWriteTokens + usage.cacheWriteTokens,
      outputTokens: total.outputTokens + usage.outputTokens,
      reasoningTokens: total.reasoningTokens + usage.reasoningTokens,
    };
    const audioInputTokens = (total.audioInputTokens ?? 0) + (usage.audioInputTokens ?? 0);
    const audioOutputTokens = (total.audioOutputTokens ?? 0) + (usage.audioOutputTokens ?? 0);
    return {
      ...sum,
      ...(audioInputTokens === 0 ? {} : { audioInputTokens }),
      ...(audioOutputTokens === 0 ? {} : { audioOutputTokens }),
    };
  }, NO_USAGE);
}
