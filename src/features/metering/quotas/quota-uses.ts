import type { QuotaId } from '../../../contracts/plans.ts';
import type { Clock } from '../../../platform/clock.ts';
import { type Outcome, unwrap } from '../../../platform/errors.ts';
import { settledWithin } from '../../../platform/settled-within.ts';
import type { TakeUses, UseSettlement, Uses, UsesTaken } from './quota-rpc.ts';

export type AskQuotas = (question: TakeUses) => Promise<Outcome<UsesTaken>>;
export type TellQuotas = (settlements: readonly UseSettlement[]) => Promise<Outcome<void>>;

/** How long it is believed that something has no limit, in milliseconds: a plan that changes holds after it. */
export const BELIEVED_MS = 60_000;
/** From this age on one call asks again beside its answer, so that no call waits for it. */
const ASKED_AGAIN_MS = 40_000;
/** How long a call waits for another's first question before it asks for itself. */
const JOIN_MS = 500;
const MAX_TENANTS = 5_000;
/** Most settlements told at once. */
const MAX_TOLD = 500;

interface Known {
  readonly limited: ReadonlySet<QuotaId>;
  readonly at: number;
}

/**
 * What this isolate knows of tenants' quotas: those that have no limit are not asked about, and what was taken is told when it is over. Nothing is
 * lent ahead, because who has a quota is near its end more often than far from it, and asks seldom.
 */
export class QuotaUses {
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, { readonly done: Promise<boolean>; readonly since: number }>();
  readonly #told = new Map<string, UseSettlement[]>();

  /**
   * Takes uses, and says whether anything was taken that is to be settled. Throws `quota_exceeded`, and what `ask` throws.
   */
  async take(question: TakeUses, clock: Clock, ask: AskQuotas): Promise<boolean> {
    const { tenantId, uses } = question;
    if (isNothing(uses)) return false;
    const other = this.#asking.get(tenantId);
    if (!this.#believed(tenantId, clock.now()) && other !== undefined && clock.now() - other.since < JOIN_MS)
      await settledWithin(other.done, JOIN_MS);
    const now = clock.now();
    const known = this.#known.get(tenantId);
    if (known !== undefined && this.#believed(tenantId, now) && !touches(known, uses)) {
      if (now - known.at >= ASKED_AGAIN_MS && !this.#asking.has(tenantId))
        await this.#ask({ ...question, uses }, clock, ask);
      return touches(this.#known.get(tenantId) ?? known, uses);
    }
    return touches(await this.#ask(question, clock, ask), uses);
  }

  /** Keeps what a call came to until it is told. */
  settle(tenantId: string, settlement: UseSettlement): void {
    const waiting = this.#told.get(tenantId);
    if (waiting === undefined) this.#told.set(tenantId, [settlement]);
    else waiting.push(settlement);
  }

  /** Tenants about whom there is something to tell. */
  get waiting(): readonly string[] {
    return [...this.#told.keys()];
  }

  /** Tells what has gathered of a tenant. What cannot be told now is kept for the next time. Throws what `tell` throws. */
  async report(tenantId: string, tell: TellQuotas): Promise<void> {
    const waiting = this.#told.get(tenantId);
    if (waiting === undefined) return;
    const settlements = waiting.splice(0, MAX_TOLD);
    if (waiting.length === 0) this.#told.delete(tenantId);
    try {
      unwrap(await tell(settlements));
    } catch (error) {
      this.#told.set(tenantId, [...settlements, ...(this.#told.get(tenantId) ?? [])]);
      throw error;
    }
  }

  #believed(tenantId: string, now: number): boolean {
    const known = this.#known.get(tenantId);
    return known !== undefined && now - known.at < BELIEVED_MS;
  }

  async #ask(question: TakeUses, clock: Clock, ask: AskQuotas): Promise<Known> {
    const { tenantId } = question;
    const since = clock.now();
    const work = ask(question).then(unwrap);
    const asking = { done: work.then(yes, no), since };
    this.#asking.set(tenantId, asking);
    try {
      const { limited } = await work;
      const known = { limited: new Set(limited), at: since };
      this.#known.delete(tenantId);
      this.#known.set(tenantId, known);
      if (this.#known.size > MAX_TENANTS) {
        const [oldest] = this.#known.keys();
        if (oldest !== undefined) this.#known.delete(oldest);
      }
      return known;
    } finally {
      if (this.#asking.get(tenantId) === asking) this.#asking.delete(tenantId);
    }
  }
}

function touches({ limited }: Known, uses: Uses): boolean {
  return Object.entries(uses).some(([quota, count]) => count > 0 && limited.has(quota as QuotaId));
}

function isNothing(uses: Uses): boolean {
  return Object.values(uses).every((count) => count === 0);
}

const yes = () => true;
const no = () => false;
