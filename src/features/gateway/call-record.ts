import { USUAL_MARKUP_BASIS_POINTS } from '../../contracts/plans.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Admission } from '../../platform/http/context.ts';
import { newId } from '../../platform/ids.ts';
import { type Nano, withMarkup, ZERO } from '../../platform/money.ts';
import { type Model, priceOf } from '../catalog/index.ts';
import { expectedTokens, usedTokens } from '../identity/index.ts';
import {
  AnswerLimit,
  type CallCost,
  type CallStatus,
  type ChosenBy,
  CREDIT_LIMIT,
  type Feature,
  type Meter,
  type MeterHold,
  payable,
  producedUsage,
  tokensWithin,
} from '../metering/index.ts';
import {
  type AttemptFailure,
  type Forwarded,
  type KeyStrategy,
  type ModelTarget,
  NO_USAGE,
  type TargetLeave,
  type TokenUsage,
  type UpstreamErrorInfo,
} from '../providers/index.ts';
import type { AnswerLengths } from '../routing/index.ts';
import type { AnswerSummary } from './answer-tally.ts';
import { CallCredit } from './call-credit.ts';
import { holdFor, mostTokens } from './hold.ts';

/** What is known of a call before it is made. */
export interface RecordedCall {
  readonly principal: Principal;
  readonly requestId: string;
  readonly feature: Feature;
  readonly client: string | null;
  readonly chosenBy: ChosenBy;
  readonly task: string | null;
  readonly stream: boolean;
  /** Estimated tokens of what is asked. */
  readonly inputTokens: number;
  readonly maxTokens: number | null;
  /** Answers asked for at once; 1 when absent. */
  readonly choices?: number;
}

/** How a call ended, for its record. */
export interface CallEnd {
  readonly status: CallStatus;
  readonly errorKind: string | null;
  readonly usage: TokenUsage;
  readonly estimated: boolean;
  readonly firstTokenMs: number | null;
}

interface WrittenCall {
  readonly at: number;
  readonly latencyMs: number;
  readonly providerKeyId?: string | undefined;
}

/**
 * The money and the record of one client's call: credit is held before a model is asked, and once it has ended, whatever way, exactly one event
 * says what it used, the hold is settled with what it cost, and nothing can be charged again.
 */
export class CallRecord {
  readonly id = newId('call');
  readonly #call: RecordedCall;
  readonly #meter: Meter;
  readonly #clock: Clock;
  readonly #modelOf: (target: ModelTarget) => Model;
  readonly #lengths: () => Promise<AnswerLengths>;
  #hold: MeterHold | null = null;
  /** The same as the credit of a call that the platform's key makes and that costs something; else null. */
  #credit: CallCredit | null = null;
  /** Tokens of output that what is held was meant for. */
  #heldTokens = 0;
  #bounded = false;
  /** What was priced last: an answer is priced where it is told, covered and recorded. */
  #priced: { readonly modelId: string; readonly usage: TokenUsage; readonly cost: Nano | null } | null = null;
  /** Whether the call has taken a message of its tenant's quota, which is to be settled. */
  #counted = false;
  /** Says what the call used of its user's tokens a minute. */
  #settleTokens: ((used: number) => void) | null = null;
  #ended = false;
  #failures = 0;

  constructor(
    call: RecordedCall,
    {
      meter,
      clock,
      modelOf,
      lengths,
    }: {
      meter: Meter;
      clock: Clock;
      modelOf: (target: ModelTarget) => Model;
      lengths: () => Promise<AnswerLengths>;
    },
  ) {
    this.#call = call;
    this.#meter = meter;
    this.#clock = clock;
    this.#modelOf = modelOf;
    this.#lengths = lengths;
  }

  /** Takes what the call is estimated at of its user's tokens a minute. Throws `rate_limited`. */
  async takeTokens(admission: Pick<Admission, 'takeTokens'>): Promise<void> {
    this.#settleTokens = await admission.takeTokens(expectedTokens(this.#call));
  }

  /**
   * Holds what a call to this target may cost, in place of what an earlier target was held for, and a message of the tenant's quota, which the earlier target
   * may have taken. Returns what the target may do: it is refused where credit cannot pay it, and an answer that comes whole is bounded where
   * the credit binds. On the tenant's own key its budgets alone are held. Throws `insufficient_credit`, `budget_exceeded` and `quota_exceeded`.
   */
  async hold(
    target: ModelTarget,
    keyStrategy: KeyStrategy,
    providerKeyId: string | undefined,
  ): Promise<TargetLeave> {
    this.#free();
    if (keyStrategy === 'none') return {};
    const withCredit = keyStrategy === 'platform';
    const expected = holdFor(this.#modelOf(target), this.#call, await this.#lengths());
    if (expected === null && withCredit) return { refusal: unpriced(target) };
    // An own key whose price nobody knows is counted at nothing, as it is recorded.
    const amount = expected?.cost ?? ZERO;
    this.#heldTokens = expected?.outputTokens ?? 0;
    const { principal } = this.#call;
    const hold =
      amount === ZERO ? null : this.#meter.hold(principal, { cost: amount, withCredit, providerKeyId });
    const [held, taken] = await Promise.allSettled([hold, withCredit ? this.#takeMessage() : undefined]);
    // What is held is kept in any case: whoever is refused releases the record.
    if (held.status === 'fulfilled') this.#hold = held.value;
    if (this.#hold !== null && withCredit)
      this.#credit = new CallCredit(this.#meter, this.#hold, amount, (cost) =>
        this.#meter.hold(principal, { cost, withCredit: true }),
      );
    if (taken.status === 'rejected') throw taken.reason;
    if (held.status === 'rejected') throw held.reason;
    const bound = this.#call.stream ? null : await this.#bound(target);
    this.#bounded = bound !== null;
    return bound === null ? {} : { maxTokens: bound };
  }

  #free(): void {
    this.#credit?.release();
    this.#hold?.release();
    this.#credit = null;
    this.#hold = null;
    this.#bounded = false;
  }

  /**
   * Whether the answer may be passed on without being followed: no credit pays it, or there is plenty for the most that it can cost.
   */
  needsNoFollowing(target: ModelTarget): boolean {
    if (this.#credit === null) return true;
    return this.#credit.mayCost(this.#costOf(target)(mostTokens(this.#modelOf(target), this.#call).tokens));
  }

  /** Whether the answer was bounded by what credit pays. */
  get bounded(): boolean {
    return this.#bounded;
  }

  /** What follows an answer while it streams; null where no credit pays it. */
  limit(target: ModelTarget): AnswerLimit | null {
    if (this.#credit === null) return null;
    const asked = { ...NO_USAGE, inputTokens: this.#call.inputTokens };
    return new AnswerLimit(
      asked,
      (usage) => this.cost(target, usage) ?? ZERO,
      this.#credit,
      this.#heldTokens,
    );
  }

  /**
   * The bound of an answer that comes whole, which nobody can follow: null where credit does not bind. Where it does, a part of what is left is held with it, and the bound is
   * what that pays.
   */
  async #bound(target: ModelTarget): Promise<number | null> {
    const credit = this.#credit;
    const { feature, choices = 1 } = this.#call;
    if (credit === null || feature === 'embeddings' || this.needsNoFollowing(target)) return null;
    const costOf = this.#costOf(target);
    const { tokens, known } = mostTokens(this.#modelOf(target), this.#call);
    await credit.holdShare(costOf(tokens));
    const within = Math.max(1, Math.floor(tokensWithin(costOf, payable(credit.held)) / choices));
    return known && within * choices >= tokens ? null : within;
  }

  readonly #costOf =
    (target: ModelTarget) =>
    (outputTokens: number): Nano =>
      this.cost(target, { ...NO_USAGE, inputTokens: this.#call.inputTokens, outputTokens }) ?? ZERO;

  async #takeMessage(): Promise<void> {
    const { principal, feature } = this.#call;
    if (this.#counted || feature === 'embeddings') return;
    const uses = { messages: 1 };
    this.#counted = await this.#meter.takeUses({ tenantId: principal.tenantId, id: this.id, uses });
  }

  /** Says whether the message counts that the call took, once. */
  #settleMessage(counts: boolean): void {
    if (!this.#counted) return;
    this.#counted = false;
    const used = counts ? { messages: 1 } : {};
    this.#meter.settleUses(this.#call.principal.tenantId, { id: this.id, used });
  }

  /** Keeps alive what is held for the call while it takes long. */
  beat(): void {
    if (this.#credit !== null) this.#credit.beat();
    else if (this.#hold !== null) this.#meter.beat(this.#hold);
  }

  /** What so much usage of a target costs; null where the catalog knows no price. */
  cost(target: ModelTarget, usage: TokenUsage): Nano | null {
    const { modelId } = target;
    if (this.#priced?.usage !== usage || this.#priced.modelId !== modelId)
      this.#priced = { modelId, usage, cost: priceOf(this.#modelOf(target), usage) };
    return this.#priced.cost;
  }

  /** Records attempts that failed: they cost nothing and tell how reliable a model is. */
  failed(failures: readonly AttemptFailure[]): void {
    for (const { target, error, latencyMs, keyStrategy, providerKeyId } of failures.slice(this.#failures)) {
      this.#failures += 1;
      // What we did not even ask says nothing of the model.
      if (NOT_ASKED.has(error.code ?? '')) continue;
      this.#write(`${this.id}/${this.#failures}`, target, keyStrategy, {
        at: this.#clock.now() - latencyMs,
        status: error.code === 'cancelled' ? 'cancelled' : 'failed',
        errorKind: error.kind,
        usage: NO_USAGE,
        estimated: false,
        firstTokenMs: null,
        latencyMs,
        providerKeyId,
      });
    }
  }

  /** There was no call: the answer was kept from an earlier one, and costs nothing. */
  cached({ modelId, provider }: Pick<ModelTarget, 'modelId' | 'provider'>): void {
    this.#ended = true;
    const target = { modelId, provider, upstreamName: '' };
    this.#write(this.id, target, 'none', {
      at: this.#clock.now(),
      status: 'cached',
      errorKind: null,
      usage: NO_USAGE,
      estimated: false,
      firstTokenMs: null,
      latencyMs: 0,
    });
  }

  /** The call is over without an answer: what was held goes back. */
  release(): void {
    this.#ended = true;
    this.#free();
    this.#settleMessage(false);
    this.#settleTokens?.(0);
  }

  /** The call is over: charges and records it, once. Returns what was charged. */
  end(answered: Forwarded, end: CallEnd): Nano {
    if (this.#ended) return ZERO;
    this.#ended = true;
    const latencyMs = Math.max(0, this.#clock.now() - answered.startedAt);
    const cost = this.#write(this.id, answered.target, answered.keyStrategy, {
      ...end,
      at: answered.startedAt,
      latencyMs,
      providerKeyId: answered.providerKeyId,
    });
    if (this.#credit !== null) this.#credit.settle(this.id, cost);
    else if (this.#hold !== null) this.#meter.settle(this.#hold, this.id, cost);
    // What said something counts, as it is charged; what failed before it did does not, nor what another's key answered after all.
    const said = end.status === 'ok' || end.usage.outputTokens > 0;
    this.#settleMessage(said && answered.keyStrategy === 'platform');
    this.#settleTokens?.(usedTokens(end.usage));
    return cost.charge;
  }

  /** Whether what is held pays so much usage. */
  isCovered(target: ModelTarget, usage: TokenUsage): boolean {
    return this.#credit === null || (this.cost(target, usage) ?? ZERO) <= this.#credit.held;
  }

  /** The same for a call that may have cost more than is held: more is held first, as far as there is credit; what even that cannot pay is not charged. */
  async endCovered(answered: Forwarded, end: CallEnd): Promise<Nano> {
    if (!this.#ended) await this.#credit?.cover(this.cost(answered.target, end.usage) ?? ZERO);
    return this.end(answered, end);
  }

  /** The same, from what a stream came to. */
  endStream(answered: Forwarded, summary: AnswerSummary, firstTokenMs: number): Promise<Nano> {
    const { usage, estimated } = producedUsage({
      ...summary,
      promptTokens: () => this.#call.inputTokens,
    });
    const code = summary.error?.code;
    const cancelled = code === 'cancelled';
    // What was ended at the credit's end is a success: it was said, and is charged.
    const limited = code === CREDIT_LIMIT;
    const ok = limited || (summary.error === null && summary.whole);
    return this.endCovered(answered, {
      status: cancelled ? 'cancelled' : ok ? 'ok' : 'failed',
      errorKind: limited ? CREDIT_LIMIT : cancelled ? null : (summary.error?.kind ?? null),
      usage,
      estimated,
      firstTokenMs,
    });
  }

  #write(
    id: string,
    target: ModelTarget,
    keyStrategy: KeyStrategy,
    { at, latencyMs, providerKeyId, ...end }: CallEnd & WrittenCall,
  ): CallCost {
    const { principal, requestId, feature, client, chosenBy, task, stream } = this.#call;
    const { status, errorKind, usage, estimated, firstTokenMs } = end;
    const cost = this.cost(target, usage);
    const rate = this.#hold?.markupBasisPoints ?? USUAL_MARKUP_BASIS_POINTS;
    const due = this.#credit?.charged(cost ?? ZERO) ?? cost ?? ZERO;
    const charged = keyStrategy === 'platform' ? withMarkup(due, rate) : ZERO;
    this.#meter.record({
      id,
      at,
      tenantId: principal.tenantId,
      userId: principal.userId,
      keyId: principal.keyId ?? null,
      requestId,
      runId: null,
      feature,
      client,
      model: target.modelId,
      provider: target.provider,
      keyStrategy,
      providerKeyId: providerKeyId ?? null,
      chosenBy,
      task,
      stream,
      status,
      errorKind,
      inputTokens: usage.inputTokens,
      cachedInputTokens: usage.cachedInputTokens,
      cacheWriteTokens: usage.cacheWriteTokens,
      outputTokens: usage.outputTokens,
      reasoningTokens: usage.reasoningTokens,
      estimated,
      priced: cost !== null,
      costNano: cost ?? ZERO,
      chargeNano: charged,
      latencyMs,
      firstTokenMs,
    });
    return { charge: charged, spent: keyStrategy === 'tenant' ? (cost ?? ZERO) : charged };
  }
}

/** Why a model was not even asked. */
const NOT_ASKED: ReadonlySet<string> = new Set([
  'unsupported_parameter',
  'no_provider_key',
  'model_unpriced',
]);

/** A model whose price nobody has told is not asked with the platform's key: it would be free. Another model may be. */
function unpriced({ modelId, provider }: ModelTarget): UpstreamErrorInfo {
  return {
    kind: 'permission',
    code: 'model_unpriced',
    message: `The price of ${modelId} is not known, so credit cannot pay it. Use your own key for ${provider}, choose another model, or ask the operator to set its price.`,
  };
}
