import type { ConversationRequest, Dropped, JsonObject, ReasoningOptions } from '../../conversation.ts';
import type { ModelTraits } from './traits.ts';

/**
 * Sent when the request sets no bound, because the API demands one ("Create a Message", `max_tokens`): enough for a long answer, and
 * below what makes Anthropic's SDKs insist on streaming.
 */
export const DEFAULT_MAX_TOKENS = 16_384;

/** The least `budget_tokens` that the API takes. */
const MIN_BUDGET = 1_024;

const EFFORTS: ReadonlySet<string> = new Set(['low', 'medium', 'high', 'xhigh', 'max']);

/** Budgets for models that know no effort, in tokens. */
const BUDGET_OF_EFFORT: Readonly<Record<string, number>> = {
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  xhigh: 32_768,
  max: 32_768,
};

export interface EncodedReasoning {
  readonly maxTokens: number;
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/**
 * `thinking`, `output_config.effort` and `max_tokens`, which bound each other ("Extended thinking"): a budget is at least 1,024 and below
 * `max_tokens`. Reasoning that is on without a budget is `adaptive`; effort `none` and budget 0 are `disabled`.
 */
export function encodeReasoning(
  request: ConversationRequest,
  traits: ModelTraits,
  dropped: Dropped[],
): EncodedReasoning {
  const maxTokens = request.maxTokens ?? DEFAULT_MAX_TOKENS;
  const reasoning = request.reasoning;
  if (reasoning === undefined) return { maxTokens };
  if (reasoning.effort === 'none' || reasoning.budgetTokens === 0)
    return { maxTokens, ...switchedOff(reasoning, traits, dropped) };

  const word = effortWord(reasoning.effort, dropped);
  const effort = traits.effort && word !== undefined ? { effort: word } : {};
  const conflict = conflictWithThinking(request, traits);
  if (conflict !== undefined) {
    dropped.push({ path: 'reasoning', reason: conflict });
    return { maxTokens, ...effort };
  }

  const display =
    reasoning.include === undefined || (reasoning.include && traits.thinking === 'budget')
      ? {}
      : { display: reasoning.include ? 'summarized' : 'omitted' };
  const asked = reasoning.budgetTokens;
  if (traits.thinking === 'adaptive' || (asked === undefined && traits.thinking === 'either')) {
    if (asked !== undefined)
      dropped.push({ path: 'reasoning.budgetTokens', reason: 'the model sets its own budget' });
    return { maxTokens, thinking: { type: 'adaptive', ...display }, ...effort };
  }

  if (asked === undefined && word !== undefined && !traits.effort)
    dropped.push({ path: 'reasoning.effort', reason: 'the model knows no effort; said as a token budget' });
  const wish = asked ?? BUDGET_OF_EFFORT[word ?? 'medium'] ?? MIN_BUDGET;
  const budget = boundedBudget(wish, request.maxTokens);
  if (budget === undefined) {
    dropped.push({
      path: 'reasoning',
      reason: `maxTokens leaves no room for ${MIN_BUDGET} tokens of thinking`,
    });
    return { maxTokens, ...effort };
  }
  if (asked !== undefined && budget !== asked)
    dropped.push({
      path: 'reasoning.budgetTokens',
      reason: `sent as ${budget}: it is at least ${MIN_BUDGET} and below maxTokens`,
    });
  return {
    maxTokens: request.maxTokens ?? DEFAULT_MAX_TOKENS + budget,
    thinking: { type: 'enabled', budget_tokens: budget, ...display },
    ...effort,
  };
}

function switchedOff(
  reasoning: ReasoningOptions,
  traits: ModelTraits,
  dropped: Dropped[],
): { thinking: JsonObject; effort?: string } {
  const thinking = { type: 'disabled' };
  if (reasoning.include !== undefined)
    dropped.push({ path: 'reasoning.include', reason: 'thinking is switched off' });
  if (reasoning.effort === 'none') {
    if (reasoning.budgetTokens !== undefined && reasoning.budgetTokens !== 0)
      dropped.push({ path: 'reasoning.budgetTokens', reason: 'effort none switches thinking off' });
    return { thinking };
  }
  const word = effortWord(reasoning.effort, dropped);
  return traits.effort && word !== undefined ? { thinking, effort: word } : { thinking };
}

function effortWord(effort: string | undefined, dropped: Dropped[]): string | undefined {
  if (effort === undefined || EFFORTS.has(effort)) return effort;
  if (effort === 'minimal') {
    dropped.push({ path: 'reasoning.effort', reason: 'sent as low, the least that the format knows' });
    return 'low';
  }
  dropped.push({ path: 'reasoning.effort', reason: 'not a word that the format knows' });
  return undefined;
}

/** A budget between 1,024 and four fifths of the bound of the answer; `undefined` when there is no such number. */
function boundedBudget(wish: number, maxTokens: number | undefined): number | undefined {
  const budget = Math.max(MIN_BUDGET, wish);
  if (maxTokens === undefined || budget < maxTokens) return budget;
  const room = Math.floor(maxTokens * 0.8);
  return room >= MIN_BUDGET ? room : undefined;
}

/**
 * Why thinking cannot be asked for in this request. With a budget, Claude demands that an assistant turn whose tool results it is to answer
 * begins with a signed thinking block; clients of formats without such blocks cannot send one.
 */
function conflictWithThinking(request: ConversationRequest, traits: ModelTraits): string | undefined {
  if (!traits.strictThinking) return undefined;
  const choice = request.toolChoice;
  if (choice === 'required' || typeof choice === 'object') return 'thinking excludes a forced tool';
  if (traits.thinking !== 'budget') return undefined;
  const last = request.messages.findLastIndex((message) => message.role === 'tool');
  if (last < 0 || request.messages.slice(last).some((message) => message.role === 'user')) return undefined;
  const turn = request.messages.slice(0, last).findLast((message) => message.role === 'assistant');
  if (turn === undefined || turn.role !== 'assistant') return undefined;
  const signed = turn.parts.some(
    (part) => part.type === 'reasoning' && (part.signature !== undefined || part.encrypted !== undefined),
  );
  return signed ? undefined : 'the turn that called the tools carries no signed thinking';
}
