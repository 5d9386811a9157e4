import type { Clock } from '../../platform/clock.ts';
import { type Nano, ZERO } from '../../platform/money.ts';
import { estimateTokens } from '../../platform/tokens.ts';
import { CREDIT_LIMIT, producedUsage } from '../metering/index.ts';
import type { KeyStrategy, TokenUsage } from '../providers/index.ts';
import { type PerspectiveFailure, WITHOUT_CREDIT } from './ask.ts';
import type { RunConversation } from './conversation/carried.ts';
import type { PlannedPerspective, RunPlan } from './plan.ts';
import { promptTokens } from './prompt.ts';
import type { RunHolds } from './run-holds.ts';
import type { PerspectiveEnd, PerspectiveToolCall, ReceiptLine, RunStore } from './run-store.ts';

export interface EndDependencies {
  readonly store: RunStore;
  readonly clock: Clock;
  /** The price of a model's usage; null when the catalog has none, which the receipt then says. */
  readonly price: (modelId: string, usage: TokenUsage) => Nano | null;
  /** The credit that the run goes on; null where its answers have no limit. */
  readonly holds: RunHolds | null;
}

/** What a perspective is asked by: the run's plan, its own part of it, and the conversation that the run carries, if any. */
export interface AskedBy {
  readonly plan: RunPlan;
  readonly planned: PlannedPerspective;
  readonly conversation: RunConversation | null;
}

/**
 * Calls that ended with the token bound: the last may lack arguments, or others that were to come, and half of what a model wanted to do is not what it
 * wanted to do.
 */
const CALLS_CUT: PerspectiveFailure = {
  code: 'tool_calls_cut',
  message: 'The tool calls were cut at the token bound. Allow more with `max_tokens`.',
  retryable: false,
};

/** The same, where the credit did not reach further. */
const CALLS_ENDED: PerspectiveFailure = {
  code: 'insufficient_credit',
  message:
    'The tool calls were cut: the credit did not reach further. Add credit, or choose a cheaper model.',
  retryable: false,
};

/** What is known of one perspective while it runs; turns into its end and its receipt line, once. */
export class Progress {
  text = '';
  /** What was written into tool calls: names and arguments, for counting. */
  written = '';
  usage: TokenUsage | null = null;
  keyStrategy: KeyStrategy = 'none';
  /** The tenant's own key that is used. */
  providerKeyId: string | undefined;
  firstTokenAt: number | null = null;
  ended = false;
  readonly planned: PlannedPerspective;
  readonly #asked: AskedBy;
  /** When it was asked; null when that was before an eviction. */
  readonly #startedAt: number | null;
  /** Estimated tokens of all that was said, where the credit did not reach further. */
  #endedAt: number | null = null;
  readonly #calls = new Map<number, PerspectiveToolCall>();

  constructor(asked: AskedBy, startedAt: number | null) {
    this.#asked = asked;
    this.planned = asked.planned;
    this.#startedAt = startedAt;
  }

  beginCall(number: number, call: Omit<PerspectiveToolCall, 'arguments'>): void {
    this.#calls.set(number, { ...call, arguments: '' });
    this.written += call.name;
  }

  addArguments(number: number, text: string): void {
    const call = this.#calls.get(number);
    // Arguments of no call: a decoder always begins one first.
    if (call === undefined) return;
    this.#calls.set(number, { ...call, arguments: call.arguments + text });
    this.written += text;
  }

  complete(dependencies: EndDependencies, reason: string, saidTokens = 0): void {
    if (reason === CREDIT_LIMIT) {
      this.#endedAt = saidTokens;
      if (this.#calls.size > 0) this.fail(dependencies, CALLS_ENDED);
      else if (this.text === '') this.fail(dependencies, WITHOUT_CREDIT);
      else this.#end(dependencies, 'completed', reason, null);
    } else if (reason === 'length' && this.#calls.size > 0) this.fail(dependencies, CALLS_CUT);
    else this.#end(dependencies, 'completed', reason, null);
  }

  /** What had been said is kept; calls are not, for nobody knows whether they were whole. */
  fail(dependencies: EndDependencies, error: PerspectiveFailure): void {
    this.#end(dependencies, 'failed', error.code === 'refused' ? 'refusal' : null, error);
  }

  #end(
    { store, clock, price, holds }: EndDependencies,
    status: 'completed' | 'failed',
    finishReason: string | null,
    error: PerspectiveFailure | null,
  ): void {
    if (this.ended) return;
    this.ended = true;
    const { plan, planned, conversation } = this.#asked;
    const { usage, estimated } = producedUsage({
      reported: this.usage,
      saidTokens: this.#endedAt ?? estimateTokens(this.text + this.written),
      whole: this.#endedAt === null && (status === 'completed' || error === CALLS_CUT),
      promptTokens: () => promptTokens(plan, planned, conversation),
    });
    const known = price(planned.modelId, usage);
    const costNano = known ?? ZERO;
    const dueNano = holds?.end(planned.index, costNano, this.keyStrategy === 'platform') ?? costNano;
    const calls = [...this.#calls.values()].map((call) =>
      call.arguments === '' ? { ...call, arguments: '{}' } : call,
    );
    const startedAt = this.#startedAt;
    const end: PerspectiveEnd = {
      status,
      content: this.text,
      finishReason,
      usage,
      costNano,
      latencyMs: startedAt === null ? null : clock.now() - startedAt,
      firstTokenMs: this.firstTokenAt === null || startedAt === null ? null : this.firstTokenAt - startedAt,
      keyStrategy: this.keyStrategy,
      providerKeyId: this.providerKeyId,
      error,
      ...(status === 'completed' && calls.length > 0 ? { toolCalls: calls } : {}),
    };
    const line: ReceiptLine = {
      id: `perspective-${planned.index}`,
      purpose: 'perspective',
      perspective: planned.index,
      modelId: planned.modelId,
      keyStrategy: this.keyStrategy,
      providerKeyId: this.providerKeyId,
      usage,
      costNano,
      ...(dueNano < costNano ? { dueNano } : {}),
      ...(this.#endedAt === null ? {} : { stopReason: CREDIT_LIMIT }),
      estimated,
      priced: known !== null,
    };
    // A call that produced nothing costs nothing and has no line: only what was produced is charged.
    store.endPerspective(planned.index, end, usage.inputTokens + usage.outputTokens > 0 ? line : null);
  }
}
