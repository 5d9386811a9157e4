import { DurableObject } from 'cloudflare:workers';
import { configOf } from '../../src/env.ts';
import {
  type KeepQuestion,
  type Kept,
  type KeyLease,
  type KeyRecord,
  type LendQuestion,
  type Lent,
  lendSlots,
  type NewKey,
  SLOT_LEASE_MS,
  type UserLimiterRpc,
  writeKeyToIndex,
} from '../../src/features/identity/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type Outcome, outcome, ParallaxError } from '../../src/platform/errors.ts';
import { createLogger, type Logger } from '../../src/platform/log.ts';
import { LimitStorage } from './limit-storage.ts';
import { admitKey, INDEX_RETRY_MS, lendKey, lendWithin, rulesOf } from './logic.ts';
import { KeyStorage } from './storage.ts';

/**
XX The index in D1 follows: a change and the promise
 * to tell the index (an alarm) are one transaction, so that a machine that stops between the two loses neither.
 */
export class UserLimiter extends DurableObject<Env> implements UserLimiterRpc {
  readonly #keys: KeyStorage;
  readonly #limits: LimitStorage;
  readonly #log: Logger;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = createLogger({ object: 'UserLimiter', user: ctx.id.name ?? ctx.id.toString() });
    this.#keys = new KeyStorage(ctx.storage);
    this.#limits = new LimitStorage(ctx.storage, (error) =>
      this.#log.error('how the limits stand could not be written; it will be with the next change', {
        error,
      }),
    );
  }

  checkKey(hash: string): Promise<Outcome<KeyLease>> {
    return outcome(() => lendKey(this.#keys.byHash(hash), systemClock.now()));
  }

  lend(question: LendQuestion): Promise<Outcome<Lent>> {
    return outcome(() => {
      const now = systemClock.now();
      const key = lendKey(this.#keys.byHash(question.hash), now);
      const { state, lent } = lendWithin(this.#limits.state, rulesOf(configOf(this.env)), key, question, now);
      this.#limits.state = state;
      return lent;
    });
  }

  async keep({ isolate, inFlight }: KeepQuestion): Promise<Kept> {
    const { buckets, holdings } = this.#limits.state;
    const limit = rulesOf(configOf(this.env)).slots;
    const kept = lendSlots(
      holdings,
      limit,
      { isolate, inFlight, needed: inFlight, wanted: inFlight },
      systemClock.now(),
    );
    this.#limits.state = { buckets, holdings: kept.holdings };
    return { slots: kept.slots, slotLeaseMs: SLOT_LEASE_MS, scarce: kept.scarce };
  }

  putKey(key: NewKey): Promise<Outcome<KeyRecord>> {
    return outcome(async () => {
      // The key's text leads to the object named after its owner: anywhere else it would never be found.
      if (this.ctx.id.name !== key.userId) throw new Error('a key was brought to another user’s limiter');
      const now = systemClock.now();
      if (admitKey(this.#keys.byId(key.id), this.#keys.countLive(now), key)) {
        this.#keys.insert(key);
        await this.#tellIndex(now);
      }
      return this.#stored(key.id);
    });
  }

  revokeKey(id: string): Promise<Outcome<KeyRecord>> {
    return outcome(async () => {
      if (this.#stored(id).revokedAt === null) {
        const now = systemClock.now();
        this.#keys.revoke(id, now);
        await this.#tellIndex(now);
      }
      return this.#stored(id);
    });
  }

  /** Tells the index what it could not be told before. Never throws: the platform gives up on an alarm that fails six times. */
  override async alarm(): Promise<void> {
    await this.#tellIndex(systemClock.now());
  }

  #stored(id: string): KeyRecord {
    const key = this.#keys.byId(id);
    if (key === undefined) throw new ParallaxError('not_found', 'There is no such API key.');
    return key;
  }

  /**
   * Writes to the index what it lacks. Must be called with no `await` after the change: the alarm is then stored in the same transaction.
   * When D1 does not answer the alarm stands, and the change holds all the same.
   */
  async #tellIndex(now: number): Promise<void> {
    const promised = this.ctx.storage.setAlarm(now + INDEX_RETRY_MS);
    try {
      await promised;
      for (let batch = this.#keys.toIndex(); batch.length > 0; batch = this.#keys.toIndex()) {
        for (const key of batch) {
          await writeKeyToIndex(this.env.DB, key);
          this.#keys.markIndexed(key);
        }
      }
      await this.ctx.storage.deleteAlarm();
    } catch (error) {
      this.#log.error('the index of API keys could not be written; it will be tried again', { error });
    }
  }
}
