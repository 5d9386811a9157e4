import type { Clock } from '../../../platform/clock.ts';
import { type Outcome, unwrap } from '../../../platform/errors.ts';
import { settledWithin } from '../../../platform/settled-within.ts';
import type { Budget } from './budget-rpc.ts';

/** How old the list of a tenant that has budgets may be, and from when that of one without is read anew beside the answer. Milliseconds. */
export const BUDGETS_FRESH_MS = 10_000;
/** How long it is believed that a tenant has none. Milliseconds. */
export const NO_BUDGETS_MS = 60_000;
/** Tenants remembered. */
const MOST_TENANTS = 5_000;

/** How long a call waits for another's question before it asks for itself. Milliseconds. */
const JOIN_MS = 500;

export type ReadBudgets = () => Promise<Outcome<readonly Budget[]>>;

interface Known {
  readonly budgets: readonly Budget[];
  readonly at: number;
}

/**
 * What this isolate knows of tenants' budgets. A change of one holds here ten seconds later at the latest, the first one of a tenant a minute later: whoever has
 * none, which is most, does not wait for a list on each call.
 */
export class KnownBudgets {
  readonly #known = new Map<string, Known>();
  readonly #reading = new Map<string, { readonly done: Promise<boolean>; readonly since: number }>();

  /** The budgets of a tenant. Throws what `read` throws, where what is known is too old to go by. */
  async of(
    tenantId: string,
    clock: Clock,
    read: ReadBudgets,
    waitUntil: (work: Promise<unknown>) => void,
  ): Promise<readonly Budget[]> {
    const known = this.#believed(tenantId, clock.now());
    const other = this.#reading.get(tenantId);
    const joins = other !== undefined && Math.abs(clock.now() - other.since) < JOIN_MS;
    if (known !== undefined) {
      const old = Math.abs(clock.now() - known.at) >= BUDGETS_FRESH_MS;
      if (old && !joins) waitUntil(this.#read(tenantId, clock, read).catch(() => undefined));
      return known.budgets;
    }
    if (joins && (await settledWithin(other.done, JOIN_MS)) === true) {
      const heard = this.#believed(tenantId, clock.now());
      if (heard !== undefined) return heard.budgets;
    }
    return this.#read(tenantId, clock, read);
  }

  /** What is known of a tenant and may be gone by. */
  #believed(tenantId: string, now: number): Known | undefined {
    const known = this.#known.get(tenantId);
    if (known === undefined) return undefined;
    const age = Math.abs(now - known.at);
    return age < (known.budgets.length === 0 ? NO_BUDGETS_MS : BUDGETS_FRESH_MS) ? known : undefined;
  }

  /** What was last known, however old. */
  last(tenantId: string): readonly Budget[] {
    return this.#known.get(tenantId)?.budgets ?? [];
  }

  /** Something was changed here: it is read anew at once. */
  forget(tenantId: string): void {
    this.#known.delete(tenantId);
    this.#reading.delete(tenantId);
  }

  async #read(tenantId: string, clock: Clock, read: ReadBudgets): Promise<readonly Budget[]> {
    const at = clock.now();
    const work = read().then(unwrap);
    const reading = { done: work.then(yes, no), since: at };
    this.#reading.set(tenantId, reading);
    try {
      const budgets = await work;
      // What was forgotten meanwhile was changed meanwhile.
      if (this.#reading.get(tenantId) === reading) this.#keep(tenantId, { budgets, at });
      return budgets;
    } finally {
      if (this.#reading.get(tenantId) === reading) this.#reading.delete(tenantId);
    }
  }

  #keep(tenantId: string, known: Known): void {
    this.#known.delete(tenantId);
    this.#known.set(tenantId, known);
    if (this.#known.size > MOST_TENANTS) this.#known.delete(this.#known.keys().next().value as string);
  }
}

const yes = () => true;
const no = () => false;
