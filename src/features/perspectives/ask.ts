import { redactText } from '../../platform/log.ts';
import { type Catalog, priceOf } from '../catalog/index.ts';
import { type AnswerCredit, CREDIT_LIMIT } from '../metering/index.ts';
import {
  type CallContext,
  type KeyStrategy,
  type Message,
  ModelCallError,
  type StreamModel,
  type TokenUsage,
  type UpstreamErrorInfo,
} from '../providers/index.ts';
import type { RunConversation } from './conversation/carried.ts';
import { FollowedAnswer } from './followed-answer.ts';
import { interleave } from './interleave.ts';
import { messageTokens } from './message-tokens.ts';
import { toolTokens } from './prompt.ts';
import { wholeUntil } from './whole-characters.ts';

/**
 * Longest answer that a run keeps, in UTF-16 units: about 250,000 tokens of Latin script, more than any model writes. Twelve of them with a merge
 * pass between a Durable Object and a Worker (32 MiB), and a provider that sends without end fills no memory.
 */
export const MAX_ANSWER_LENGTH = 1_000_000;

/** Length that a tool call counts as beside its texts, so that calls without any are bounded too. */
const CALL_LENGTH = 64;

/** What a conversation asks of a model besides its messages and the bounds that the run's plan holds. */
export type AskedOptions = Omit<RunConversation, 'messages' | 'maxTokens' | 'temperature'>;

/** One perspective as it is asked: all that a call needs, in a form that travels between invocations. */
export interface PerspectiveCall {
  readonly index: number;
  readonly modelId: string;
  readonly messages: readonly Message[];
  readonly maxTokens: number;
  readonly temperature: number | null;
  readonly timeoutMs: number;
  /** Absent for a run of one prompt. */
  readonly options?: AskedOptions;
  /** What of credit is held for it, at its provider's prices; absent where nothing is. */
  readonly heldNano?: number;
}

/** Why a perspective failed, for the person. */
export interface PerspectiveFailure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** What a call says while it runs. Each index ends with one `finished` or `failed`, unless the whole group is aborted. */
export type AskEvent =
  | {
      readonly type: 'started';
      readonly index: number;
      readonly keyStrategy: KeyStrategy;
      /** The tenant's own key that is used. */
      readonly providerKeyId?: string | undefined;
    }
  | { readonly type: 'text'; readonly index: number; readonly text: string }
  /** A tool call begins; `call` numbers the calls of a perspective from 0. */
  | {
      readonly type: 'call';
      readonly index: number;
      readonly call: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: string;
    }
  | { readonly type: 'call_arguments'; readonly index: number; readonly call: number; readonly text: string }
  | { readonly type: 'usage'; readonly index: number; readonly usage: TokenUsage }
  | {
      readonly type: 'finished';
      readonly index: number;
      /** The model's own, or `credit_limit` where the answer was ended. */
      readonly reason: string;
      /** Estimated tokens of what was said, thoughts included, where the answer was ended. */
      readonly saidTokens?: number;
    }
  | { readonly type: 'failed'; readonly index: number; readonly error: PerspectiveFailure };

export interface AskDependencies {
  readonly stream: StreamModel;
  readonly context: CallContext;
  readonly catalog: Catalog;
  /** What of credit a call goes on; null for one that has no limit. */
  readonly credit: (call: PerspectiveCall) => AnswerCredit | null;
}

/** Asks several models at once and gives their events as they come. Ends when all have ended; aborting ends it at once. */
export async function* askGroup(
  dependencies: AskDependencies,
  calls: readonly PerspectiveCall[],
  signal: AbortSignal,
): AsyncGenerator<AskEvent, void, void> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  try {
    yield* interleave(
      calls.map((call) => askOne(dependencies, call, both)),
      signal,
    );
  } finally {
    stop.abort('stopped');
  }
}

async function* askOne(
  { stream, context, catalog, credit: creditFor }: AskDependencies,
  call: PerspectiveCall,
  signal: AbortSignal,
): AsyncGenerator<AskEvent, void, void> {
  const { index } = call;
  const model = catalog.find(call.modelId);
  if (model === undefined) {
    yield {
      type: 'failed',
      index,
      error: {
        code: 'model_not_found',
        message: `${call.modelId} is no longer in the catalog.`,
        retryable: false,
      },
    };
    return;
  }
  let reason: string | null = null;
  let refusal = '';
  let room = MAX_ANSWER_LENGTH;
  let used: TokenUsage | null = null;
  // A provider refuses a bound above what its model can give; the quote counts the same.
  const maxTokens = Math.min(call.maxTokens, model.maxOutputTokens ?? call.maxTokens);
  const credit = creditFor(call);
  const followed =
    credit === null
      ? null
      : new FollowedAnswer({
          credit,
          price: (usage) => priceOf(model, usage),
          inputTokens: () => messageTokens(call.messages) + toolTokens(call.options?.tools),
          maxTokens,
        });
  try {
    const answer = await stream(
      context,
      catalog.target(model),
      {
        ...call.options,
        messages: call.messages,
        maxTokens,
        ...(call.temperature === null ? {} : { temperature: call.temperature }),
        includeUsage: true,
      },
      {
        signal,
        timeouts: { totalMs: call.timeoutMs, headersMs: call.timeoutMs, firstEventMs: call.timeoutMs },
        ...(followed === null ? {} : { beforeTarget: followed.beforeStream }),
      },
    );
    const { keyStrategy, providerKeyId } = answer;
    yield { type: 'started', index, keyStrategy, providerKeyId };
    for await (const event of answer.events) {
      const admitted = followed?.admits(event) ?? true;
      if (followed !== null && admitted !== true && !(await admitted)) {
        // The provider is told to stop; what was said before stands, and is charged.
        yield { type: 'finished', index, reason: CREDIT_LIMIT, saidTokens: followed.stands };
        return;
      }
      switch (event.type) {
        case 'text':
        case 'refusal': {
          if (event.type === 'refusal') refusal += event.text.slice(0, room);
          const fits = event.text.length <= room;
          const end = fits ? event.text.length : wholeUntil(event.text, room);
          room -= end;
          yield { type: 'text', index, text: event.text.slice(0, end) };
          if (fits) break;
          yield { type: 'failed', index, error: TOO_LONG };
          return;
        }
        case 'tool_call_start': {
          const { call: number, id, name, signature } = event;
          room -= CALL_LENGTH + id.length + name.length + (signature?.length ?? 0);
          if (room < 0) {
            yield { type: 'failed', index, error: TOO_LONG };
            return;
          }
          const signed = signature === undefined ? {} : { signature };
          yield { type: 'call', index, call: number, id, name, ...signed };
          break;
        }
        case 'tool_call_arguments':
          room -= event.fragment.length;
          if (room < 0) {
            yield { type: 'failed', index, error: TOO_LONG };
            return;
          }
          yield { type: 'call_arguments', index, call: event.call, text: event.fragment };
          break;
        case 'usage':
          used = event.usage;
          yield { type: 'usage', index, usage: event.usage };
          break;
        case 'finish':
          reason = event.reason;
          break;
        case 'error':
          yield { type: 'failed', index, error: failureOf(event.error) };
          return;
        case 'end':
          if (used !== null) await followed?.cover(used);
          yield refusal !== '' || reason === 'refusal'
            ? {
                type: 'failed',
                index,
                error: { code: 'refused', message: refused(refusal), retryable: false },
              }
            : { type: 'finished', index, reason: reason ?? 'stop' };
          return;
        default:
          break;
      }
    }
    yield {
      type: 'failed',
      index,
      error: { code: 'connection', message: 'The answer broke off.', retryable: true },
    };
  } catch (error) {
    if (error instanceof ModelCallError) {
      yield { type: 'failed', index, error: failureOf(error.error) };
      return;
    }
    // A defect of ours in one call must not end the others.
    context.log.error('a model could not be asked', { model: call.modelId, error });
    yield { type: 'failed', index, error: OUR_FAILURE };
  }
}

const TOO_LONG: PerspectiveFailure = {
  code: 'answer_too_long',
  message: `The answer is longer than the ${MAX_ANSWER_LENGTH} characters that a run keeps; its beginning is kept. Ask for less with \`max_tokens\`.`,
  retryable: false,
};

/** What a person reads when the fault is ours. */
export const OUR_FAILURE: PerspectiveFailure = {
  code: 'internal',
  message: 'Something failed on our side. It was recorded; please ask again.',
  retryable: true,
};

/** An answer for whose first word there was no credit. */
export const WITHOUT_CREDIT: PerspectiveFailure = {
  code: 'insufficient_credit',
  message: 'The credit did not reach for this answer. Add credit, or choose a cheaper model.',
  retryable: false,
};

function refused(text: string): string {
  return text === ''
    ? 'The model declined to answer.'
    : `The model declined to answer: ${redactText(text).slice(0, 500)}`;
}

/** A provider's error as a perspective shows it: the kind as code, and a sentence that says what to do. */
export function failureOf(error: UpstreamErrorInfo): PerspectiveFailure {
  if (error.code === CREDIT_LIMIT) return WITHOUT_CREDIT;
  const said = error.message === '' ? '' : ` It said: ${redactText(error.message).slice(0, 500)}`;
  const failure = (message: string, retryable: boolean): PerspectiveFailure => ({
    code: error.kind,
    message: `${message}${said}`,
    retryable,
  });
  switch (error.kind) {
    case 'rate_limited':
      return failure('The provider is limiting requests. Try again in a while.', true);
    case 'quota_exceeded':
      return failure('The provider key has no quota left.', false);
    case 'overloaded':
      return failure('The provider is overloaded. Try again in a while.', true);
    case 'timeout':
      return failure('The model did not answer in time. Allow more with `timeout_ms`.', true);
    case 'connection':
      return failure('The connection to the provider broke off.', true);
    case 'malformed':
      return failure('The provider sent something that cannot be read.', true);
    case 'server_error':
      return failure('The provider failed.', true);
    case 'content_policy':
      return failure('The provider’s content policy refused the prompt.', false);
    case 'context_length':
      return failure('The prompt is too long for this model.', false);
    case 'too_large':
      return failure('The request is too large for this model.', false);
    case 'authentication':
    case 'permission':
      return failure('The provider did not accept the key.', false);
    case 'not_found':
      return failure('The provider does not know this model.', false);
    case 'invalid_request':
      return failure('The provider did not accept the request.', false);
  }
}
