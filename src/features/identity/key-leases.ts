import type { Clock } from '../../platform/clock.ts';
import type { Outcome } from '../../platform/errors.ts';
import { settledWithin } from '../../platform/settled-within.ts';
import type { MemberLease } from './user-limiter.ts';

/** Bounds of the cache of leases in one isolate. */
export interface LeaseBounds {
  readonly maxEntries: number;
  /** How long a refusal is remembered, in milliseconds. */
  readonly refusalMs: number;
  /** How long a request waits for another's question before it asks for itself, in milliseconds. */
  readonly joinMs: number;
}

/** About 0.5 KB an entry. A refusal is remembered more briefly than a lease: it spares the limiter a loop of retries, no more. */
const DEFAULT_BOUNDS: LeaseBounds = { maxEntries: 2_000, refusalMs: 2_000, joinMs: 500 };

type Entry<Lease> =
  | {
      readonly state: 'known';
      readonly answer: Outcome<Lease>;
      readonly from: number;
      readonly until: number;
    }
  | { readonly state: 'asking'; readonly answer: Promise<Outcome<Lease>>; readonly since: number };

/**
 * What this isolate was lent, by the key's hash or the member's name. A lease counts from the moment the question was asked, so whatever the way took, a revoked
 * key is refused at latest one lease after the revocation. Only keys whose tag is genuine may be put here, or forgeries would
 * push out what belongs to others.
 */
export class Leases<Lease extends MemberLease> {
  readonly #bounds: LeaseBounds;
  readonly #entries = new Map<string, Entry<Lease>>();

  constructor(bounds: Partial<LeaseBounds> = {}) {
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
  }

  /** Entries held, for tests of the bound. */
  get size(): number {
    return this.#entries.size;
  }

  /** The answer that still holds, if there is one. */
  known(hash: string, clock: Clock): Outcome<Lease> | undefined {
    const entry = this.#entries.get(hash);
    if (entry?.state !== 'known') return undefined;
    const now = clock.now();
    return now >= entry.from && now < entry.until ? entry.answer : undefined;
  }

  /**
   * The answer that holds, or the one `ask` gives. Requests that come while one is asking share its answer. A failure of `ask` is thrown to
   * all of them and not remembered.
   */
  async lease(hash: string, clock: Clock, ask: () => Promise<Outcome<Lease>>): Promise<Outcome<Lease>> {
    const known = this.known(hash, clock);
    if (known !== undefined) return known;
    const entry = this.#entries.get(hash);
    if (entry?.state === 'asking' && Math.abs(clock.now() - entry.since) < this.#bounds.joinMs) {
      // The request that asks may be cancelled with its client, and its promise then never settles: nobody waits for it for long.
      const shared = await settledWithin(entry.answer, this.#bounds.joinMs);
      if (shared !== null) return shared;
    }
    return this.#ask(hash, clock, ask);
  }

  /** Drops what is held for a key, e.g. because this very isolate has revoked it. */
  forget(hash: string): void {
    this.#entries.delete(hash);
  }

  /** Drops what is held for a user. */
  forgetUser(userId: string): void {
    for (const [hash, entry] of this.#entries)
      if (entry.state === 'known' && entry.answer.ok && entry.answer.value.userId === userId)
        this.#entries.delete(hash);
  }

  async #ask(hash: string, clock: Clock, ask: () => Promise<Outcome<Lease>>): Promise<Outcome<Lease>> {
    const asked = clock.now();
    const asking: Entry<Lease> = { state: 'asking', answer: ask(), since: asked };
    this.#put(hash, asking);
    try {
      const answer = await asking.answer;
      const lasts = answer.ok ? answer.value.leaseMs : this.#bounds.refusalMs;
      // Unless it was forgotten, or asked anew, meanwhile.
      if (this.#entries.get(hash) === asking)
        this.#put(hash, { state: 'known', answer, from: asked, until: asked + lasts });
      return answer;
    } catch (error) {
      if (this.#entries.get(hash) === asking) this.#entries.delete(hash);
      throw error;
    }
  }

  /** Entries stand in the order they were put: the first is the one whose lease ends first, near enough. */
  #put(hash: string, entry: Entry<Lease>): void {
    this.#entries.delete(hash);
    this.#entries.set(hash, entry);
    if (this.#entries.size <= this.#bounds.maxEntries) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
