import { USUAL_MARKUP_BASIS_POINTS } from '../../contracts/plans.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { type Nano, withMarkup } from '../../platform/money.ts';
import { callLimiter } from '../identity/index.ts';
import { type AskLedger, type CreditHold, CreditLeases } from './credit-leases.ts';
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

/** What an invocation meters with: credit held before a call, what it cost charged and recorded after. */
export interface Meter {
  /** Holds credit for what a call may cost at its provider's prices, with what the tenant's plan adds. Throws `ParallaxError` `insufficient_credit`, or `unavailable` when the ledger or the limiter cannot be reached. */
  hold(payer: Payer, cost: Nano): Promise<CreditHold>;
  /** Records a call, once; it goes out with others within a second. */
  record(event: UsageEvent): void;
  /** Renews what this isolate was lent of the tenant's credit, when that is due: called while a call takes long. */
  beat(payer: Payer): void;
}

/** Whose credit a call is held against: the tenant's, and what its key may spend, where the key has a monthly limit. */
export type Payer = Pick<Principal, 'tenantId' | 'userId' | 'keyId' | 'spendLimited'>;

export type MeterEnv = Pick<Env, 'TENANT_LEDGER' | 'USAGE_QUEUE' | 'USER_LIMITER'>;

/** What the isolate keeps between requests: plain data, shared by all. What sends it is always the present invocation's own. */
interface Shared {
  readonly credit: CreditLeases;
  readonly usage: UsageBuffer;
  /** Tenants with something to report. */
  readonly tenants: Set<string>;
  /** What keys with a monthly limit were lent, by key; and the keys with something to report, with whose they are. */
  readonly spending: CreditLeases;
  readonly keys: Map<string, string>;
  /** When an invocation has promised to send; undefined when none has. */
  due: number | undefined;
}

const isolate: Shared = {
  credit: new CreditLeases(),
  usage: new UsageBuffer(),
  tenants: new Set(),
  spending: new CreditLeases(),
  keys: new Map(),
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

  async hold(payer: Payer, cost: Nano): Promise<CreditHold> {
    const { tenantId, userId, keyId, spendLimited } = payer;
    // Before the ledger's first word the usual rate is taken: a hold is an estimate, what is charged is not.
    const amount = withMarkup(cost, isolate.credit.markupOf(tenantId) ?? USUAL_MARKUP_BASIS_POINTS);
    const credit = isolate.credit.hold(tenantId, amount, this.#clock, (question) =>
      callLedger(this.#env, tenantId, (ledger) => ledger.sync(question)),
    );
    if (spendLimited !== true || keyId === undefined) return credit;
    // Both at once: the call makes one round whatever it needs.
    const [held, spend] = await Promise.allSettled([
      credit,
      isolate.spending.hold(keyId, amount, this.#clock, askLimiter(this.#env, userId, keyId)),
    ]);
    if (held.status === 'fulfilled' && spend.status === 'fulfilled')
      return both(held.value, spend.value, () => isolate.keys.set(keyId, userId));
    if (held.status === 'fulfilled') held.value.release();
    if (spend.status === 'fulfilled') spend.value.release();
    throw held.status === 'rejected' ? held.reason : ofKey((spend as PromiseRejectedResult).reason);
  }

  record(event: UsageEvent): void {
    isolate.usage.add(event);
    if (event.chargeNano > 0) isolate.tenants.add(event.tenantId);
    this.#schedule();
  }

  beat({ tenantId, userId, keyId, spendLimited }: Payer): void {
    const now = this.#clock.now();
    const credit = isolate.credit.isDue(tenantId, now);
    const spending = spendLimited === true && keyId !== undefined && isolate.spending.isDue(keyId, now);
    if (credit) isolate.tenants.add(tenantId);
    if (spending) isolate.keys.set(keyId, userId);
    if (credit || spending) this.#schedule();
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

/** The way of a key's spending to the limiter of its user. */
function askLimiter(env: MeterEnv, userId: string, keyId: string): AskLedger {
  return ({ tenantId: _, ...question }) =>
    callLimiter(env, userId, (limiter) => limiter.spend({ ...question, keyId }));
}

/** Credit and what a key may spend of it, held and ended together. */
function both(credit: CreditHold, spend: CreditHold, report: () => void): CreditHold {
  return {
    ...credit,
    settle(callId, cost) {
      credit.settle(callId, cost);
      spend.settle(callId, cost);
      report();
    },
    release() {
      credit.release();
      spend.release();
    },
  };
}

/** The same refusal, in the words of the key's limit. */
function ofKey(error: unknown): unknown {
  if (!(error instanceof ParallaxError) || error.code !== 'insufficient_credit') return error;
  return new ParallaxError(
    'insufficient_credit',
    'This call may cost more than is left of what this key may spend this month. Use another key, or ask for fewer tokens or a cheaper model.',
    { details: { ...error.details, limit: 'key_month' } },
  );
}

/** Sends what has gathered; false when something could not be sent and stays for the next time. Never throws. */
async function flush(env: MeterEnv, clock: Clock, log: Logger): Promise<boolean> {
  const tenants = [...isolate.tenants];
  isolate.tenants.clear();
  let whole = true;
  const reports = tenants.map(async (tenantId) => {
    try {
      await isolate.credit.report(tenantId, clock, (question) =>
        callLedger(env, tenantId, (ledger) => ledger.sync(question)),
      );
    } catch (error) {
      whole = false;
      isolate.tenants.add(tenantId);
      log.error('what calls cost could not be reported to the ledger yet', { tenant: tenantId, error });
    }
  });
  const keys = [...isolate.keys];
  isolate.keys.clear();
  const spending = keys.map(async ([keyId, userId]) => {
    try {
      await isolate.spending.report(keyId, clock, askLimiter(env, userId, keyId));
    } catch (error) {
      whole = false;
      isolate.keys.set(keyId, userId);
      log.error('what a key spent could not be reported to its limiter yet', { key: keyId, error });
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
  await Promise.all([...reports, ...spending, sending]);
  const lost = isolate.usage.lost();
  if (lost > 0) log.error('usage events were lost: the queue was away for too long', { lost });
  return whole;
}
