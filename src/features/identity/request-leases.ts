import type { LimitedOperation } from '../../contracts/plans.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Outcome, ParallaxError, unwrap } from '../../platform/errors.ts';
import { settledWithin } from '../../platform/settled-within.ts';
import { refused } from './refusals.ts';
import { TokenLeases } from './token-leases.ts';
import {
  type Bearer,
  type KeepQuestion,
  type Kept,
  type KeyLease,
  type LendQuestion,
  type Lent,
  type MemberLease,
  principalOf,
} from './user-limiter.ts';

/** The way to the owner's limiter. */
export interface LeaseSource {
  /** Whom to ask for; throws `ParallaxError` `unauthenticated` for a forgery. Asked once a lease, not once a request. */
  identify(): Promise<Bearer>;
  lend(question: LendQuestion): Promise<Outcome<Lent>>;
}

/** What limits are called in headers and errors. */
export type RateName = 'requests' | 'perspectives';
const RATE_NAMES: Readonly<Record<LimitedOperation, RateName>> = {
  models: 'requests',
  perspectives: 'perspectives',
};

/** How the limit stands, for the headers of an answer. */
export interface RateState {
  /** What is counted, for headers. */
  readonly name: RateName;
  /** Requests that the bucket holds when full. */
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until it is full again. */
  readonly resetMs: number;
}

/** A request that was let in. */
export interface Pass {
  readonly principal: Principal;
  readonly rate: RateState;
  /** The key's own wish for kept answers, in seconds. */
  readonly cacheMaxAgeS: number | null;
  /** Ends the request: its slot is free again. Calling it again changes nothing. */
  release(): void;
  /** Whether the slots' lease wants to be renewed, because requests outlast it, or given back, because few are left. */
  wantsKeep(now: number): boolean;
  /** Renews or gives back what this isolate holds; one at a time. Never throws: what fails is tried again at the next beat. */
  keep(now: number, ask: (question: KeepQuestion) => Promise<Kept>): Promise<void>;
}

/** Bounds of what one isolate keeps. */
export interface RequestLeaseBounds {
  readonly maxKeys: number;
  /** How long a refusal is remembered, in milliseconds: it spares the limiter a storm of retries. */
  readonly refusalMs: number;
  /** How long a request waits for another's question before it asks for itself. */
  readonly joinMs: number;
}

const DEFAULT_BOUNDS: RequestLeaseBounds = { maxKeys: 2_000, refusalMs: 1_000, joinMs: 500 };
/** Most requests asked for at once. */
const MAX_WANTED = 2_000;
/** A lease is sized for about this long at the present pace: long enough to spare hops, short enough to leave others their share. */
const AHEAD_MS = 1_000;
/** Questions that one request waits for before it gives up: others may take what was lent before it gets to it, but not for ever. */
const MAX_ROUNDS = 100;
/** A slot's lease is renewed when it has less than this left, while requests are under way. */
const KEEP_BEFORE_MS = 10_000;
/** No request takes longer: above the longest time that a call may have. */
const MAX_REQUEST_MS = 30 * 60_000;
/** Slots asked for beyond those in use: so many, and a share of them. */
const SLOTS_AHEAD = 8;
const SLOT_HEADROOM = 0.25;
/** Requests asked for beyond those that wait, whatever the pace. */
const REQUESTS_AHEAD = 4;

/** What is lent of one operation, under one key. */
interface Grant {
  readonly operation: LimitedOperation;
  left: number;
  until: number;
  /** How many were let in since `since`, which tells the pace. */
  used: number;
  since: number;
  limit: number;
  /** What the bucket had beyond this lease. */
  beyond: number;
  resetMs: number;
  /** No request is let in before this time. */
  deniedUntil: number;
  /** When the limiter said that there will be one. */
  retryAt: number;
}

/** What is known of one key, or of one member. */
interface KeyState {
  readonly bearer: Bearer;
  answer: Outcome<KeyLease | MemberLease> | null;
  /** The key's principal; null of members, whose differ by what they showed. */
  principal: Principal | null;
  until: number;
  readonly grants: Map<LimitedOperation, Grant>;
}

/** A question that is under way, and how many wait for its answer besides who asks. */
interface Asking {
  done: Promise<boolean>;
  readonly since: number;
  waiting: number;
}

/** The slots of one user that this isolate holds, whatever the key. */
interface SlotState {
  held: number;
  until: number;
  /** When each of the requests that are under way was let in. */
  readonly open: Set<{ readonly at: number }>;
  limit: number;
  scarce: boolean;
  deniedUntil: number;
  keeping: boolean;
}

/**
 * What this isolate was lent: keys, requests, slots. A request within its lease is let in without a hop and without a hash; the first one
 * after asks the limiter once for all that wait. Everything ends by itself: a revoked key within its lease, a request that was
 * not used within the lease, a slot within its own.
 */
export class RequestLeases {
  readonly #bounds: RequestLeaseBounds;
  readonly #keys = new Map<string, KeyState>();
  /** Questions under way, by the key's text: as many as there are requests at most. */
  readonly #asking = new Map<string, Asking>();
  readonly #users = new Map<string, SlotState>();
  /** What is lent of tokens comes beside what is lent of requests. */
  readonly tokens = new TokenLeases();
  #isolate: string | undefined;

  constructor(bounds: Partial<RequestLeaseBounds> = {}) {
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
  }

  /** Keys and users held, for tests of the bound. */
  get size(): { readonly keys: number; readonly users: number } {
    return { keys: this.#keys.size, users: this.#users.size };
  }

  /**
   * Lets a request in under a key's text, or under a name for a member, who is then given. Throws `ParallaxError`: `unauthenticated`, `rate_limited` with `retryAfterMs` and which limit it was,
   * and what `source` throws. Only a key whose tag is genuine stays in memory.
   */
  async admit(
    text: string,
    operation: LimitedOperation,
    clock: Clock,
    source: LeaseSource,
    member?: Principal,
  ): Promise<Pass> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const state = this.#keys.get(text);
      const pass = state === undefined ? null : this.#letIn(state, operation, clock.now(), member);
      if (pass !== null) return pass;
      await this.#ask(text, operation, clock, source);
    }
    throw limited({ limit: 'rate' }, 1_000, 'Too many requests came at once. Please try again in a second.');
  }

  /** Drops what is held of the key with that hash, because this isolate has just revoked it. */
  forget(hash: string): void {
    for (const [text, { bearer }] of this.#keys)
      if ('hash' in bearer && bearer.hash === hash) this.#keys.delete(text);
  }

  /** Drops what is held of a user and all their keys, because this isolate has just changed what they may do. */
  forgetUser(userId: string): void {
    for (const [text, { answer }] of this.#keys)
      if (answer?.ok === true && answer.value.userId === userId) this.#keys.delete(text);
  }

  /** Takes a request of the lease, if there is one; null when the limiter has to be asked. */
  #letIn(
    state: KeyState,
    operation: LimitedOperation,
    now: number,
    member: Principal | undefined,
  ): Pass | null {
    if (state.answer === null || now >= state.until) return null;
    const bearer = unwrap(state.answer);
    // A key may expire within its lease.
    if (isKey(bearer) && bearer.expiresAt !== null && bearer.expiresAt <= now)
      throw refused({ reason: 'expired', at: bearer.expiresAt });
    const grant = state.grants.get(operation);
    if (grant === undefined) return null;
    if (now < grant.deniedUntil) throw rateLimited(grant, now);
    if (grant.left <= 0 || now >= grant.until) return null;
    const slots = this.#slotsOf(bearer.userId);
    if (slots.open.size >= slots.held || now >= slots.until) {
      if (now < slots.deniedUntil) throw concurrencyLimited(slots);
      return null;
    }
    grant.left -= 1;
    grant.used += 1;
    if (isKey(bearer))
      return this.#pass(state.principal ?? principalOf(bearer), bearer.cacheMaxAgeS, grant, slots, now);
    if (member === undefined) throw new Error('a member was let in without saying who');
    return this.#pass({ ...member, role: bearer.role }, null, grant, slots, now);
  }

  #pass(
    principal: Principal,
    cacheMaxAgeS: number | null,
    grant: Grant,
    slots: SlotState,
    now: number,
  ): Pass {
    const request = { at: now };
    slots.open.add(request);
    const isolate = this.#name();
    return {
      principal,
      cacheMaxAgeS,
      rate: {
        name: RATE_NAMES[grant.operation],
        limit: grant.limit,
        remaining: grant.left + grant.beyond,
        resetMs: grant.resetMs,
      },
      release: () => void slots.open.delete(request),
      wantsKeep: (now) => {
        if (slots.keeping) return false;
        const spare = slots.scarce && slots.held > slots.open.size;
        return spare || (slots.open.size > 0 && slots.until - now < KEEP_BEFORE_MS);
      },
      keep: async (now, ask) => {
        if (slots.keeping) return;
        slots.keeping = true;
        try {
          const inFlight = underWay(slots, now);
          const kept = await ask({ isolate, inFlight });
          // Requests may have been let in or ended meanwhile; those under way keep their slots.
          slots.held = Math.max(kept.slots, slots.open.size);
          slots.until = now + kept.slotLeaseMs;
          slots.scarce = kept.scarce;
        } catch {
          // The lease stands as it did, and the next beat asks again.
        } finally {
          slots.keeping = false;
        }
      },
    };
  }

  /** Asks the limiter for all that wait, or waits for another request's question. */
  async #ask(text: string, operation: LimitedOperation, clock: Clock, source: LeaseSource): Promise<void> {
    const other = this.#asking.get(text);
    if (other !== undefined && Math.abs(clock.now() - other.since) < this.#bounds.joinMs) {
      other.waiting += 1;
      const shared = await settledWithin(other.done, this.#bounds.joinMs);
      other.waiting -= 1;
      if (shared === true) return;
    }
    const asking: Asking = { since: clock.now(), waiting: 0, done: Promise.resolve(false) };
    const done = this.#askFor(text, operation, clock, source, asking);
    // A failure is this request's to report: those who wait ask for themselves.
    asking.done = done.then(yes, no);
    this.#asking.set(text, asking);
    try {
      await done;
    } finally {
      if (this.#asking.get(text) === asking) this.#asking.delete(text);
    }
  }

  async #askFor(
    text: string,
    operation: LimitedOperation,
    clock: Clock,
    source: LeaseSource,
    asking: Asking,
  ): Promise<void> {
    const bearer = this.#keys.get(text)?.bearer ?? (await source.identify());
    // Whoever came in the same moment gets to say so before the question goes out.
    await null;
    const state = this.#keys.get(text) ?? this.#put(text, bearer);
    const now = clock.now();
    const question = this.#question(state, operation, asking.waiting + 1, now);
    const tokens = operation === 'models' ? this.tokens.question(tokensNameIn(state), now) : null;
    let heard = false;
    try {
      const answer = await source.lend(tokens === null ? question : { ...question, tokens });
      this.#take(state, question, answer, now);
      if (answer.ok && answer.value.tokens !== undefined) {
        const { tenantId, userId } = answer.value.bearer;
        this.tokens.heard(tokensName(tenantId, userId), answer.value.tokens, now);
        heard = true;
      }
    } finally {
      if (tokens !== null && !heard) this.tokens.unheard(tokensNameIn(state), tokens);
    }
  }

  #question(state: KeyState, operation: LimitedOperation, waiting: number, now: number): LendQuestion {
    const grant = state.grants.get(operation);
    const userId = state.answer?.ok === true ? state.answer.value.userId : null;
    const slots = userId === null ? undefined : this.#users.get(userId);
    const inFlight = slots === undefined ? 0 : underWay(slots, now);
    const unused = grant === undefined ? 0 : grant.left;
    if (grant !== undefined) grant.left = 0;
    return {
      ...state.bearer,
      isolate: this.#name(),
      operation,
      needed: waiting,
      wanted: Math.max(waiting, Math.min(MAX_WANTED, waiting + REQUESTS_AHEAD + paceOf(grant, now))),
      unused,
      inFlight,
      slotsNeeded: inFlight + waiting,
      slotsWanted: inFlight + waiting + SLOTS_AHEAD + Math.ceil((inFlight + waiting) * SLOT_HEADROOM),
    };
  }

  #take(
    state: KeyState,
    { operation, slotsNeeded }: LendQuestion,
    answer: Outcome<Lent>,
    asked: number,
  ): void {
    if (!answer.ok) {
      state.answer = answer;
      state.principal = null;
      state.until = asked + this.#bounds.refusalMs;
      return;
    }
    const { bearer, ...lent } = answer.value;
    state.answer = { ok: true, value: bearer };
    state.principal = isKey(bearer) ? principalOf(bearer) : null;
    state.until = asked + bearer.leaseMs;
    // Another question may have been answered meanwhile: what it brought is not lost.
    const before = state.grants.get(operation);
    const left = lent.requests + (before !== undefined && before.until > asked ? before.left : 0);
    state.grants.set(operation, {
      operation,
      left,
      until: asked + bearer.leaseMs,
      used: 0,
      since: asked,
      limit: lent.limit,
      beyond: lent.remaining,
      resetMs: lent.resetMs,
      deniedUntil: left > 0 ? 0 : asked + Math.min(lent.retryAfterMs, this.#bounds.refusalMs),
      retryAt: asked + lent.retryAfterMs,
    });
    const slots = this.#slotsOf(bearer.userId);
    slots.held = lent.slots;
    slots.until = asked + lent.slotLeaseMs;
    slots.limit = lent.slotLimit;
    slots.scarce = lent.scarce;
    // Others may have been let in meanwhile and hold what was lent: that is no refusal, and whoever finds none left asks again.
    slots.deniedUntil = lent.slots >= slotsNeeded ? 0 : asked + this.#bounds.refusalMs;
  }

  #slotsOf(userId: string): SlotState {
    let slots = this.#users.get(userId);
    if (slots === undefined) {
      slots = {
        held: 0,
        until: 0,
        open: new Set(),
        limit: 0,
        scarce: false,
        deniedUntil: 0,
        keeping: false,
      };
      this.#users.set(userId, slots);
    }
    return slots;
  }

  /** Keys stand in the order they came; the first goes when there are too many. Users with nothing under way go with them. */
  #put(text: string, bearer: Bearer): KeyState {
    const state: KeyState = {
      bearer,
      answer: null,
      principal: null,
      until: 0,
      grants: new Map(),
    };
    this.#keys.set(text, state);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= this.#bounds.maxKeys) break;
      this.#keys.delete(oldest);
    }
    if (this.#users.size > this.#bounds.maxKeys) {
      for (const [user, slots] of this.#users) if (slots.open.size === 0) this.#users.delete(user);
    }
    return state;
  }

  /** Made when first needed: an isolate has no randomness while it starts. */
  #name(): string {
    this.#isolate ??= crypto.randomUUID();
    return this.#isolate;
  }
}

/**
 * Requests under way. One that has been for longer than any call may take was cut off together with its invocation, before it could say so: its
 * slot is free again.
 */
function underWay(slots: SlotState, now: number): number {
  for (const request of slots.open) if (now - request.at > MAX_REQUEST_MS) slots.open.delete(request);
  return slots.open.size;
}

/** Under what the tokens of a user in a tenant are kept. */
export function tokensName(tenantId: string, userId: string): string {
  return `${tenantId} ${userId}`;
}

/** The same of a key or member that was asked for before; null where nothing is known yet. */
function tokensNameIn({ answer }: KeyState): string | null {
  return answer?.ok === true ? tokensName(answer.value.tenantId, answer.value.userId) : null;
}

function isKey(bearer: KeyLease | MemberLease): bearer is KeyLease {
  return 'keyId' in bearer;
}

const yes = () => true;
const no = () => false;

/** Requests that come in the time a lease is sized for, at the pace of the last one. */
function paceOf(grant: Grant | undefined, now: number): number {
  if (grant === undefined) return 0;
  const elapsed = Math.max(1, now - grant.since);
  // Twice the pace: a burst that grows is met half way, and what is too much goes back.
  return Math.ceil((2 * grant.used * AHEAD_MS) / Math.max(elapsed, AHEAD_MS / 8));
}

function rateLimited(grant: Grant, now: number): ParallaxError {
  const retryAfterMs = Math.max(1, grant.retryAt - now);
  return limited(
    { limit: RATE_NAMES[grant.operation], quota: grant.limit },
    retryAfterMs,
    `Too many ${grant.operation === 'perspectives' ? 'runs' : 'requests'}: up to ${grant.limit} at once, refilled evenly. Please try again in ${seconds(retryAfterMs)}.`,
  );
}

function concurrencyLimited({ limit }: SlotState): ParallaxError {
  return limited(
    { limit: 'concurrency', quota: limit },
    1_000,
    `Too many requests are under way at once: up to ${limit}. Please try again when one of them has ended.`,
  );
}

function limited(
  details: Readonly<Record<string, unknown>>,
  retryAfterMs: number,
  message: string,
): ParallaxError {
  return new ParallaxError('rate_limited', message, { retryAfterMs, details });
}

function seconds(milliseconds: number): string {
  const whole = Math.ceil(milliseconds / 1_000);
  return whole === 1 ? 'a second' : `${whole} seconds`;
}
