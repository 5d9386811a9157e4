import type { LimitedOperation } from '../../contracts/plans.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import { type Outcome, unwrap } from '../../platform/errors.ts';
import {
  keepSlots,
  noSlots,
  type SlotState,
  slotIsFree,
  slotQuestion,
  takeSlots,
  wantsKeep,
} from './held-slots.ts';
import { isKey, type KeyState, KnownKeys, rememberBearer, rememberRefusal } from './known-keys.ts';
import { refused } from './refusals.ts';
import { type Grant, grantOf, type RateState, rateStateOf, wantedOf } from './request-grants.ts';
import { concurrencyLimited, crowdedOut, rateLimited } from './request-refusals.ts';
import { type Asking, SharedQuestions } from './shared-questions.ts';
import { TokenLeases } from './token-leases.ts';
import {
  type Bearer,
  type KeepQuestion,
  type Kept,
  type LendQuestion,
  type Lent,
  principalOf,
} from './user-limiter.ts';

/** The way to the owner's limiter. */
export interface LeaseSource {
  /** Whom to ask for; throws `ParallaxError` `unauthenticated` for a forgery. Asked once a lease, not once a request. */
  identify(): Promise<Bearer>;
  lend(question: LendQuestion): Promise<Outcome<Lent>>;
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
/** Questions that one request waits for before it gives up: others may take what was lent before it gets to it, but not for ever. */
const MAX_ROUNDS = 100;

/**
 * What this isolate was lent: keys, requests, slots. A request within its lease is let in without a hop and without a hash; the first one
 * after asks the limiter once for all that wait. Everything ends by itself: a revoked key within its lease, a request that was
 * not used within the lease, a slot within its own.
 */
export class RequestLeases {
  readonly #bounds: RequestLeaseBounds;
  readonly #keys: KnownKeys;
  /** By the key's text: as many as there are requests at most. */
  readonly #questions: SharedQuestions;
  readonly #users = new Map<string, SlotState>();
  /** What is lent of tokens comes beside what is lent of requests. */
  readonly tokens = new TokenLeases();
  #isolate: string | undefined;

  constructor(bounds: Partial<RequestLeaseBounds> = {}) {
    this.#bounds = { ...DEFAULT_BOUNDS, ...bounds };
    this.#keys = new KnownKeys(this.#bounds.maxKeys);
    this.#questions = new SharedQuestions(this.#bounds.joinMs);
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
      await this.#questions.ask(text, clock, (asking) => this.#ask(text, operation, clock, source, asking));
    }
    throw crowdedOut();
  }

  /** Drops what is held of the key with that hash, because this isolate has just revoked it. */
  forget(hash: string): void {
    this.#keys.forget(hash);
  }

  /** Drops what is held of a user and all their keys, because this isolate has just changed what they may do. */
  forgetUser(userId: string): void {
    this.#keys.forgetUser(userId);
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
    if (!slotIsFree(slots, now)) {
      if (now < slots.deniedUntil) throw concurrencyLimited(slots.limit);
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
      rate: rateStateOf(grant),
      release: () => void slots.open.delete(request),
      wantsKeep: (now) => wantsKeep(slots, now),
      keep: (now, ask) => keepSlots(slots, isolate, now, ask),
    };
  }

  /** Asks the limiter for all that wait. */
  async #ask(
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
    const unused = grant === undefined ? 0 : grant.left;
    if (grant !== undefined) grant.left = 0;
    return {
      ...state.bearer,
      isolate: this.#name(),
      operation,
      needed: waiting,
      wanted: wantedOf(grant, waiting, now),
      unused,
      ...slotQuestion(slots, waiting, now),
    };
  }

  #take(
    state: KeyState,
    { operation, slotsNeeded }: LendQuestion,
    answer: Outcome<Lent>,
    asked: number,
  ): void {
    const { refusalMs } = this.#bounds;
    if (!answer.ok) {
      rememberRefusal(state, answer, asked + refusalMs);
      return;
    }
    const { bearer, ...lent } = answer.value;
    rememberBearer(state, bearer, asked);
    const before = state.grants.get(operation);
    state.grants.set(operation, grantOf(operation, lent, before, asked, bearer.leaseMs, refusalMs));
    takeSlots(this.#slotsOf(bearer.userId), lent, slotsNeeded, asked, refusalMs);
  }

  #slotsOf(userId: string): SlotState {
    let slots = this.#users.get(userId);
    if (slots === undefined) {
      slots = noSlots();
      this.#users.set(userId, slots);
    }
    return slots;
  }

  /** Users with nothing under way go when there are too many. */
  #put(text: string, bearer: Bearer): KeyState {
    const state = this.#keys.put(text, bearer);
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

/** Under what the tokens of a user in a tenant are kept. */
export function tokensName(tenantId: string, userId: string): string {
  return `${tenantId} ${userId}`;
}

/** The same of a key or member that was asked for before; null where nothing is known yet. */
function tokensNameIn({ answer }: KeyState): string | null {
  return answer?.ok === true ? tokensName(answer.value.tenantId, answer.value.userId) : null;
}
