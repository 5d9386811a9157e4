import type { LimitedOperation } from '../../contracts/plans.ts';
import type { Principal } from '../../contracts/principal.ts';
import type { Outcome } from '../../platform/errors.ts';
import type { Grant } from './request-grants.ts';
import { type Bearer, type KeyLease, type MemberLease, principalOf } from './user-limiter.ts';

/** What is known of one key, or of one member. */
export interface KeyState {
  readonly bearer: Bearer;
  answer: Outcome<KeyLease | MemberLease> | null;
  /** The key's principal; null of members, whose differ by what they showed. */
  principal: Principal | null;
  until: number;
  readonly grants: Map<LimitedOperation, Grant>;
}

/** Keys by their text, and members by their name: as many as `maxKeys`. They stand in the order they came, and the first goes when there are too many. */
export class KnownKeys {
  readonly #maxKeys: number;
  readonly #keys = new Map<string, KeyState>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  get size(): number {
    return this.#keys.size;
  }

  get(text: string): KeyState | undefined {
    return this.#keys.get(text);
  }

  put(text: string, bearer: Bearer): KeyState {
    const state: KeyState = { bearer, answer: null, principal: null, until: 0, grants: new Map() };
    this.#keys.set(text, state);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= this.#maxKeys) break;
      this.#keys.delete(oldest);
    }
    return state;
  }

  /** Drops what is held of the key with that hash. */
  forget(hash: string): void {
    for (const [text, { bearer }] of this.#keys)
      if ('hash' in bearer && bearer.hash === hash) this.#keys.delete(text);
  }

  /** Drops what is held of a user and all their keys. */
  forgetUser(userId: string): void {
    for (const [text, { answer }] of this.#keys)
      if (answer?.ok === true && answer.value.userId === userId) this.#keys.delete(text);
  }
}

/** Remembers who the bearer is until the lease ends, which was asked for at `asked`. */
export function rememberBearer(state: KeyState, bearer: KeyLease | MemberLease, asked: number): void {
  state.answer = { ok: true, value: bearer };
  state.principal = isKey(bearer) ? principalOf(bearer) : null;
  state.until = asked + bearer.leaseMs;
}

/** Remembers until a time that the bearer was refused. */
export function rememberRefusal(state: KeyState, answer: Outcome<never>, until: number): void {
  state.answer = answer;
  state.principal = null;
  state.until = until;
}

export function isKey(bearer: KeyLease | MemberLease): bearer is KeyLease {
  return 'keyId' in bearer;
}
