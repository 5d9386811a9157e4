import type { Clock } from '../../platform/clock.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { settledWithin } from '../../platform/settled-within.ts';
import type { BucketRule } from './token-bucket.ts';
import { type TokenQuestion, type TokensLent, tokensWait } from './token-lending.ts';

export type AskTokens = (question: TokenQuestion) => Promise<TokensLent>;

/** How the limit of tokens stands, for headers. */
export interface TokenState {
  /** Tokens that the bucket holds when full. */
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until it is full again. */
  readonly resetMs: number;
}

/** What one request took. */
export interface TokensTaken {
  readonly state: TokenState;
  /** Says how many it used after all: the rest goes back, what is beyond is taken. A second time changes nothing. */
  settle(used: number): void;
}

/** A lease is sized for about this long at the present pace. */
const AHEAD_MS = 1_000;
/** Tokens asked for ahead, whatever the pace: a few small requests. */
const TOKENS_AHEAD = 8_000;
/** More than this that is not used, and is not needed at the present pace, goes back without waiting for the next question. */
const KEEP_AT_MOST = 50_000;
/** But not more often than so, in milliseconds: while requests come the next question is near. */
const GIVE_BACK_APART_MS = 250;
const REFUSAL_MS = 1_000;
const JOIN_MS = 500;
const MAX_ROUNDS = 100;
const MAX_USERS = 4_000;

/** The tokens of one user in one tenant that this isolate was lent. */
interface Lease {
  /** Below 0 where answers were longer than expected. */
  left: number;
  until: number;
  /** How the bucket stood at `heardAt`. */
  beyond: number;
  rule: BucketRule;
  heardAt: number;
  /** What was taken since then, which tells the pace. */
  taken: number;
  readonly waiting: Set<{ readonly tokens: number }>;
  asking: { readonly done: Promise<boolean>; readonly since: number } | null;
  deniedUntil: number;
}

/**
 * Tokens a minute that this isolate was lent, by user and tenant. Each request takes what it is estimated at before it is asked and says afterwards what it used. Within the lease that costs
 * no hop.
 */
export class TokenLeases {
  readonly #leases = new Map<string, Lease>();

  /** Leases held, for tests of the bound. */
  get size(): number {
    return this.#leases.size;
  }

  /** Takes tokens. Throws `rate_limited` with when to come back, and what `ask` throws. */
  async take(name: string, tokens: number, clock: Clock, ask: AskTokens): Promise<TokensTaken> {
    const lease = this.#leaseOf(name);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const now = clock.now();
      if (now < lease.until && lease.left >= tokens) return take(lease, tokens, now);
      // What was refused to a large request may be there for a smaller one.
      if (now < lease.deniedUntil && there(lease, now) < Math.min(tokens, lease.rule.burst))
        throw limited(lease, tokens, now);
      await this.#ask(lease, tokens, clock, ask);
    }
    throw limited(lease, tokens, clock.now());
  }

  /** Whether so much is owed, or held without use, that it is to be told. */
  isDue(name: string, now: number): boolean {
    const lease = this.#leases.get(name);
    if (lease === undefined || lease.asking !== null) return false;
    if (lease.left < 0) return true;
    return now - lease.heardAt >= GIVE_BACK_APART_MS && lease.left > KEEP_AT_MOST + paceOf(lease, now);
  }

  /** Tells what is owed and gives back what is not used. Throws what `ask` throws: it is then told with the next question. */
  async report(name: string, clock: Clock, ask: AskTokens): Promise<void> {
    const lease = this.#leases.get(name);
    if (lease !== undefined) await this.#askFor(lease, clock, ask);
  }

  /** What to ask for beside another question, and what is told with it. Followed by `heard` or `unheard`. */
  question(name: string | null, now: number): TokenQuestion {
    const lease = name === null ? undefined : this.#leases.get(name);
    if (lease === undefined) return { needed: 0, least: 0, wanted: TOKENS_AHEAD, unused: 0 };
    return questionOf(lease, now);
  }

  heard(name: string, lent: TokensLent, asked: number): void {
    hear(this.#leaseOf(name), lent, asked);
  }

  /** What is owed is not forgotten; what was not used is left to the bucket, which may have it already. */
  unheard(name: string | null, { unused }: TokenQuestion): void {
    if (name !== null && unused < 0) this.#leaseOf(name).left += unused;
  }

  /** Asks for all that wait, or waits for another request's question. */
  async #ask(lease: Lease, tokens: number, clock: Clock, ask: AskTokens): Promise<void> {
    const request = { tokens };
    lease.waiting.add(request);
    try {
      const other = lease.asking;
      if (other !== null && Math.abs(clock.now() - other.since) < JOIN_MS) {
        if ((await settledWithin(other.done, JOIN_MS)) === true) return;
      }
      const done = this.#askFor(lease, clock, ask);
      // A failure is this request's to report: those who wait ask for themselves.
      const asking = { done: done.then(yes, no), since: clock.now() };
      lease.asking = asking;
      try {
        await done;
      } finally {
        if (lease.asking === asking) lease.asking = null;
      }
    } finally {
      lease.waiting.delete(request);
    }
  }

  async #askFor(lease: Lease, clock: Clock, ask: AskTokens): Promise<void> {
    // Whoever came in the same moment gets to say so before the question goes out.
    await null;
    const asked = clock.now();
    const question = questionOf(lease, asked);
    try {
      const lent = await ask(question);
      hear(lease, lent, asked);
      if (lent.lent < question.needed) lease.deniedUntil = asked + REFUSAL_MS;
    } catch (error) {
      if (question.unused < 0) lease.left += question.unused;
      throw error;
    }
  }

  #leaseOf(name: string): Lease {
    let lease = this.#leases.get(name);
    if (lease !== undefined) return lease;
    lease = {
      left: 0,
      until: 0,
      beyond: 0,
      rule: { perMinute: 1, burst: 0 },
      heardAt: 0,
      taken: 0,
      waiting: new Set(),
      asking: null,
      deniedUntil: 0,
    };
    this.#leases.set(name, lease);
    for (const [oldest, { waiting, left }] of this.#leases) {
      if (this.#leases.size <= MAX_USERS) break;
      if (oldest !== name && waiting.size === 0 && left >= 0) this.#leases.delete(oldest);
    }
    return lease;
  }
}

function take(lease: Lease, tokens: number, now: number): TokensTaken {
  lease.left -= tokens;
  lease.taken += tokens;
  let settled = false;
  return {
    state: stateOf(lease, now),
    settle(used) {
      if (settled) return;
      settled = true;
      lease.left += tokens - used;
      lease.taken = Math.max(0, lease.taken - (tokens - used));
    },
  };
}

/** What is to be asked; what was lent before goes out of the lease with it. */
function questionOf(lease: Lease, now: number): TokenQuestion {
  let needed = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const { tokens } of lease.waiting) {
    needed += tokens;
    least = Math.min(least, tokens);
  }
  const unused = lease.left;
  lease.left = 0;
  const pace = paceOf(lease, now);
  return {
    needed,
    least: needed === 0 ? 0 : least,
    wanted: needed + TOKENS_AHEAD + Math.min(pace, 10_000_000),
    unused,
  };
}

/** Tokens that are taken in the time a lease is sized for, twice: a burst that grows is met half way, and what is too much goes back. */
function paceOf(lease: Lease, now: number): number {
  const elapsed = Math.max(now - lease.heardAt, AHEAD_MS / 8);
  return lease.heardAt === 0 ? 0 : Math.ceil((2 * lease.taken * AHEAD_MS) / elapsed);
}

function hear(lease: Lease, { lent, left, rule, leaseMs }: TokensLent, asked: number): void {
  // Requests may have been settled while the question was under way.
  lease.left += lent;
  lease.beyond = left;
  lease.rule = rule;
  lease.heardAt = asked;
  lease.taken = 0;
  lease.until = asked + leaseMs;
  lease.deniedUntil = 0;
}

/** Tokens that are there for this user at a time, as far as this isolate knows. */
function there(lease: Lease, now: number): number {
  const { burst, perMinute } = lease.rule;
  const flowed = (Math.max(0, now - lease.heardAt) * perMinute) / 60_000;
  return Math.min(burst, lease.left + lease.beyond + flowed);
}

function stateOf(lease: Lease, now: number): TokenState {
  const tokens = there(lease, now);
  return {
    limit: lease.rule.burst,
    remaining: Math.max(0, Math.floor(tokens)),
    resetMs: tokensWait(lease.rule, tokens, lease.rule.burst),
  };
}

function limited(lease: Lease, tokens: number, now: number): ParallaxError {
  const retryAfterMs = Math.max(1, tokensWait(lease.rule, there(lease, now), tokens));
  const { burst, perMinute } = lease.rule;
  const wait = Math.ceil(retryAfterMs / 1_000);
  const large = tokens > burst ? ' It is larger than that, and let in when all of it is there.' : '';
  return new ParallaxError(
    'rate_limited',
    `Too many tokens: ${format(perMinute)} a minute, up to ${format(burst)} at once. This request is estimated at ${format(tokens)}.${large} Please try again in ${wait === 1 ? 'a second' : `${format(wait)} seconds`}, or ask for less.`,
    { retryAfterMs, details: { limit: 'tokens', quota: burst, estimated_tokens: tokens } },
  );
}

const format = (value: number) => Math.floor(value).toLocaleString('en-US');
const yes = () => true;
const no = () => false;
