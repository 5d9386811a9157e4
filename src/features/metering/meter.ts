import { USUAL_MARKUP_BASIS_POINTS } from '../../contracts/plans.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { type Nano, withMarkup } from '../../platform/money.ts';
import { callLimiter } from '../identity/index.ts';
import { budgetLeases, budgetsOf, isUnreachable, lastBudgetsOf } from './budgets/bounding.ts';
import type { Budget } from './budgets/budget-rpc.ts';
import { budgetExceeded } from './budgets/refusal.ts';
import { CreditLeases } from './credit-leases.ts';
import { type CallCost, type CallHold, countOnly, holdAll, type Lender, type Wish } from './lenders.ts';
import type { TakeUses, UseSettlement } from './quotas/quota-rpc.ts';
import { reportUses, settleUsesSoon, takeUses } from './quotas/take-uses.ts';
import { callLedger } from './tenant-ledger.ts';
import { UsageBuffer } from './usage-buffer.ts';
import type { UsageEvent } from './usage-event.ts';

/** How long events and settlements gather before they go out: what a crashed isolate can lose. Milliseconds. */
export const FLUSH_AFTER_MS = 1_000;
/** The waits before each attempt of one invocation; it may live for 30 s after its answer. */
const FLUSH_ATTEMPTS_MS = [FLUSH_AFTER_MS, 3_000, 9_000];
/** An invocation that was to send and did not is given up on after this long. */
const OVERDUE_MS = 10_000;
/** Messages of one `sendBatch` (https://developers.cloudflare.com/queues/platform/limits/). */
const MESSAGES_AT_ONCE = 3;

/** What an invocation meters with: what a call needs held before it, what it cost charged and recorded after. */
export interface Meter {
  /**
   * Holds what a call may cost with all that lend for it, or nothing: the tenant's credit, with what its plan adds, what its key may spend, and the budgets
   * that bound it. Throws `ParallaxError` `insufficient_credit` and `budget_exceeded`; and `unavailable` when one of them cannot be reached, though not
   * where the tenant's own key pays: such a call goes on, and is counted afterwards.
   */
  hold(payer: Payer, need: CallNeed): Promise<MeterHold>;
  /**
   * Takes what a call needs of its tenant's quotas. Whether there is something to settle when it is over: not where there is no limit. Throws
   * `quota_exceeded`, or `unavailable` when the ledger cannot be reached.
   */
  takeUses(question: TakeUses): Promise<boolean>;
  /** Says how much of what a call took counts; the rest goes back. It goes out with others within a second. */
  settleUses(tenantId: string, settlement: UseSettlement): void;
  /** Counts what a call cost with all that lent for it. It goes out with others within a second. */
  settle(hold: MeterHold, callId: string, cost: CallCost): void;
  /** Records a call, once; it goes out with others within a second. */
  record(event: UsageEvent): void;
  /** Renews what this isolate was lent for a call, when that is due: called while the call takes long. */
  beat(hold: MeterHold): void;
}

/** Whom a call is held against: its tenant, and its key, where that has a monthly limit. */
export type Payer = Pick<Principal, 'tenantId' | 'userId' | 'keyId' | 'keyFamilyId' | 'spendLimited'>;

/** What is held for a call. */
export interface CallNeed {
  /** What it may cost at its provider's prices. */
  readonly cost: Nano;
  /** Whether the platform's key pays, against the tenant's credit; else the tenant's own. */
  readonly withCredit: boolean;
  /** The tenant's own key, where that pays. */
  readonly providerKeyId?: string | undefined;
}

/** One round of questions: the bindings of the invocation that asks. */
export interface Round {
  readonly env: MeterEnv;
}

export type MeterHold = CallHold<Round>;

export type MeterEnv = Pick<Env, 'TENANT_LEDGER' | 'USAGE_QUEUE' | 'USER_LIMITER'>;

/** What the isolate keeps between requests: plain data, shared by all. What sends it is always the present invocation's own. */
interface Shared {
  readonly credit: CreditLeases;
  /** What keys with a monthly limit were lent. */
  readonly spending: CreditLeases;
  readonly usage: UsageBuffer;
  /** Lenders that have something to be told, by id. */
  readonly lenders: Map<string, Lender<Round>>;
  /** When an invocation has promised to send; undefined when none has. */
  due: number | undefined;
}

const isolate: Shared = {
  credit: new CreditLeases(),
  spending: new CreditLeases(),
  usage: new UsageBuffer(),
  lenders: new Map(),
  due: undefined,
};

/** A meter for one invocation. `waitUntil` keeps the sending alive after the answer. */
export function createMeter(
  env: MeterEnv,
  clock: Clock,
  log: Logger,
  waitUntil: (work: Promise<unknown>) => void,
): Meter {
  return new InvocationMeter(env, clock, log, waitUntil);
}

class InvocationMeter implements Meter {
  readonly #env: MeterEnv;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #waitUntil: (work: Promise<unknown>) => void;

  constructor(env: MeterEnv, clock: Clock, log: Logger, waitUntil: (work: Promise<unknown>) => void) {
    this.#env = env;
    this.#clock = clock;
    this.#log = log;
    this.#waitUntil = waitUntil;
  }

  async hold(payer: Payer, need: CallNeed): Promise<MeterHold> {
    const spender = { ...payer, providerKeyId: need.providerKeyId };
    try {
      const budgets = await budgetsOf(this.#env, this.#clock, spender, this.#waitUntil);
      const wishes = [...wishesOf(payer, need), ...this.#budgetWishes(payer.tenantId, budgets, need)];
      return await holdAll(wishes, { env: this.#env }, this.#clock);
    } catch (error) {
      if (need.withCredit || !isUnreachable(error)) throw error;
      this.#log.warn('a call on an own key goes on without its budgets', { tenant: payer.tenantId, error });
      return countOnly(lastBudgetsOf(spender).map((budget) => budgetOf(payer.tenantId, budget, this.#clock)));
    }
  }

  #budgetWishes(tenantId: string, budgets: readonly Budget[], need: CallNeed): Wish<Round>[] {
    const amount = need.withCredit ? charged(tenantId, need.cost) : need.cost;
    return budgets.map((budget) => ({ lender: budgetOf(tenantId, budget, this.#clock), amount }));
  }

  settle(hold: MeterHold, callId: string, cost: CallCost): void {
    this.#tell(hold.settle(callId, cost));
  }

  takeUses(question: TakeUses): Promise<boolean> {
    return takeUses(this.#env, this.#clock, question);
  }

  settleUses(tenantId: string, settlement: UseSettlement): void {
    settleUsesSoon(tenantId, settlement);
    this.#schedule();
  }

  record(event: UsageEvent): void {
    isolate.usage.add(event);
    this.#schedule();
  }

  beat({ lenders }: MeterHold): void {
    const now = this.#clock.now();
    this.#tell(lenders.filter(({ leases, of }) => leases.isDue(of, now)));
  }

  #tell(lenders: readonly Lender<Round>[]): void {
    if (lenders.length === 0) return;
    for (const lender of lenders) isolate.lenders.set(lender.id, lender);
    this.#schedule();
  }

  #schedule(): void {
    const now = this.#clock.now();
    if (isolate.due !== undefined && now < isolate.due + OVERDUE_MS) return;
    isolate.due = now + FLUSH_AFTER_MS;
    this.#waitUntil(this.#flushWhenDue());
  }

  async #flushWhenDue(): Promise<void> {
    for (const waitMs of FLUSH_ATTEMPTS_MS) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      isolate.due = undefined;
      if (await flush(this.#env, this.#clock, this.#log)) return;
      isolate.due = this.#clock.now();
    }
  }
}

/** Who lends for a call, and how much. */
function wishesOf({ tenantId, userId, keyId, spendLimited }: Payer, need: CallNeed): Wish<Round>[] {
  if (!need.withCredit) return [];
  const amount = charged(tenantId, need.cost);
  const credit = { lender: creditOf(tenantId), amount };
  if (spendLimited !== true || keyId === undefined) return [credit];
  return [credit, { lender: keyMonthOf(userId, keyId), amount }];
}

/** What a cost comes to for a tenant's credit. Before the ledger's first word the usual rate is taken: a hold is an estimate, what is charged is not. */
function charged(tenantId: string, cost: Nano): Nano {
  return withMarkup(cost, isolate.credit.markupOf(tenantId) ?? USUAL_MARKUP_BASIS_POINTS);
}

/** A budget, lent by its tenant's ledger. */
function budgetOf(tenantId: string, budget: Budget, clock: Clock): Lender<Round> {
  return {
    id: `budget:${budget.id}`,
    leases: budgetLeases,
    of: budget.id,
    ask:
      ({ env }) =>
      (question) =>
        callLedger(env, tenantId, (ledger) =>
          ledger.lendBudget({ ...question, tenantId, budgetId: budget.id }),
        ),
    share: ({ spent }) => spent,
    refused: ({ details }) =>
      budgetExceeded(
        budget,
        { needed: Number(details.needed_nano_usd), available: Number(details.available_nano_usd) },
        clock.now(),
      ),
  };
}

/** A tenant's credit, lent by its ledger. */
function creditOf(tenantId: string): Lender<Round> {
  return {
    id: `credit:${tenantId}`,
    leases: isolate.credit,
    of: tenantId,
    ask:
      ({ env }) =>
      (question) =>
        callLedger(env, tenantId, (ledger) => ledger.sync(question)),
    share: ({ charge }) => charge,
    refused: (error) => error,
  };
}

/** What a key may spend in a month, lent by the limiter of its user. */
function keyMonthOf(userId: string, keyId: string): Lender<Round> {
  return {
    id: `key_month:${keyId}`,
    leases: isolate.spending,
    of: keyId,
    ask:
      ({ env }) =>
      ({ tenantId: _, ...question }) =>
        callLimiter(env, userId, (limiter) => limiter.spend({ ...question, keyId })),
    share: ({ charge }) => charge,
    refused: ({ details }) =>
      new ParallaxError(
        'insufficient_credit',
        'This call may cost more than is left of what this key may spend this month. Use another key, or ask for fewer tokens or a cheaper model.',
        { details: { ...details, limit: 'key_month' } },
      ),
  };
}

/** Sends what has gathered; false when something could not be sent and stays for the next time. Never throws. */
async function flush(env: MeterEnv, clock: Clock, log: Logger): Promise<boolean> {
  const lenders = [...isolate.lenders.values()];
  isolate.lenders.clear();
  let whole = true;
  const round = { env };
  const reports = lenders.map(async (lender) => {
    try {
      await lender.leases.report(lender.of, clock, lender.ask(round));
    } catch (error) {
      whole = false;
      isolate.lenders.set(lender.id, lender);
      log.error('what calls cost could not be reported yet', { lender: lender.id, error });
    }
  });
  const sending = isolate.usage
    .flush(async (messages) => {
      for (let at = 0; at < messages.length; at += MESSAGES_AT_ONCE) {
        const batch = messages.slice(at, at + MESSAGES_AT_ONCE);
        await env.USAGE_QUEUE.sendBatch(batch.map((body) => ({ body, contentType: 'json' })));
      }
    })
    .catch((error: unknown) => {
      whole = false;
      log.error('usage events could not be sent yet', { error });
    });
  const uses = reportUses(env, (tenantId, error) => {
    whole = false;
    log.error('what calls used of a quota could not be told yet', { tenantId, error });
  });
  await Promise.all([...reports, sending, uses]);
  const lost = isolate.usage.lost();
  if (lost > 0) log.error('usage events were lost: the queue was away for too long', { lost });
  return whole;
}
