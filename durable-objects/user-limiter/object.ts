import { DurableObject } from 'cloudflare:workers';
import type { Role } from '../../src/contracts/principal.ts';
import { configOf } from '../../src/env.ts';
import {
  type Country,
  type KeepQuestion,
  type Kept,
  type KeyLease,
  type KeyRecord,
  type LendQuestion,
  type Lent,
  lendSlots,
  type MemberLease,
  membershipOf,
  type NewKey,
  type Rotated,
  rulesOf,
  SLOT_LEASE_MS,
  type SpendAnswer,
  type SpendQuestion,
  type SpendStanding,
  type TokenQuestion,
  type TokensLent,
  type TokensSettled,
  type UserLimiterRpc,
  type UserRules,
  writeKeyToIndex,
} from '../../src/features/identity/index.ts';
import { callLedger, inTurn } from '../../src/features/metering/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type Outcome, outcome, ParallaxError, unwrap } from '../../src/platform/errors.ts';
import { createLogger, type Logger } from '../../src/platform/log.ts';
import { LimitStorage } from './limit-storage.ts';
import {
  admitKey,
  admitRotation,
  INDEX_RETRY_MS,
  isUseToNote,
  KEY_LEASE_MS,
  keyRuleOf,
  lendKey,
  lendMember,
  lendTokensWithin,
  lendWithin,
  ROLE_UNSURE_MS,
} from './logic.ts';
import { PlanStorage } from './plan-storage.ts';
import { RoleStorage } from './role-storage.ts';
import { SettledStorage } from './settled-storage.ts';
import { SpendStorage } from './spend-storage.ts';
import { KeyStorage } from './storage.ts';

/**
 * A user's API keys, roles and limits: one writer, next to the user. The index in D1 follows: a change and the promise
 * to tell the index (an alarm) are one transaction, so that a machine that stops between the two loses neither.
 */
export class UserLimiter extends DurableObject<Env> implements UserLimiterRpc {
  readonly #keys: KeyStorage;
  readonly #limits: LimitStorage;
  readonly #plans: PlanStorage;
  readonly #roles: RoleStorage;
  readonly #spend: SpendStorage;
  readonly #settled: SettledStorage;
  /** Until when isolates may answer for a key themselves, in milliseconds. What an earlier life of this object had lent ends a lease after its birth. */
  readonly #lentUntil = new Map<string, number>();
  readonly #bornAt = systemClock.now();
  readonly #log: Logger;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = createLogger({ object: 'UserLimiter', user: ctx.id.name ?? ctx.id.toString() });
    this.#keys = new KeyStorage(ctx.storage);
    this.#plans = new PlanStorage(ctx.storage);
    this.#roles = new RoleStorage(ctx.storage);
    this.#spend = new SpendStorage(ctx.storage);
    this.#settled = new SettledStorage(ctx.storage);
    this.#limits = new LimitStorage(ctx.storage, (error) =>
      this.#log.error('how the limits stand could not be written; it will be with the next change', {
        error,
      }),
    );
  }

  checkKey(hash: string, country: Country = null): Promise<Outcome<KeyLease>> {
    return outcome(async () => {
      const role = await this.#roleOf(this.#keys.byHash(hash)?.tenantId);
      // Read again: the key may have ended while the role was asked for.
      return this.#lendKey(this.#keys.byHash(hash), role, country, systemClock.now());
    });
  }

  checkMember(tenantId: string): Promise<Outcome<MemberLease>> {
    return outcome(async () => lendMember(tenantId, this.#userId, await this.#roleOf(tenantId)));
  }

  lend(question: LendQuestion): Promise<Outcome<Lent>> {
    return outcome(async () => {
      const tenantId = 'hash' in question ? this.#keys.byHash(question.hash)?.tenantId : question.tenantId;
      const [role, rules] = await Promise.all([this.#roleOf(tenantId), this.#rulesIn(tenantId)]);
      const now = systemClock.now();
      const key = 'hash' in question ? this.#keys.byHash(question.hash) : undefined;
      const bearer =
        'hash' in question
          ? this.#lendKey(key, role, question.country ?? null, now)
          : lendMember(question.tenantId, this.#userId, role);
      const { state, lent } = lendWithin(this.#limits.state, rules, bearer, question, now, keyRuleOf(key));
      this.#limits.state = state;
      return lent;
    });
  }

  async lendTokens(tenantId: string, question: TokenQuestion): Promise<TokensLent> {
    const rules = await this.#rulesIn(tenantId);
    const { state, lent } = lendTokensWithin(
      this.#limits.state,
      rules,
      tenantId,
      question,
      systemClock.now(),
    );
    this.#limits.state = state;
    return lent;
  }

  async settleTokens(tenantId: string, { id, unused }: TokensSettled): Promise<void> {
    const rules = await this.#rulesIn(tenantId);
    const now = systemClock.now();
    if (!this.#settled.isFirst(id, now)) return;
    const question = { needed: 0, least: 0, wanted: 0, unused };
    this.#limits.state = lendTokensWithin(this.#limits.state, rules, tenantId, question, now).state;
  }

  async keep({ isolate, inFlight }: KeepQuestion): Promise<Kept> {
    const { holdings } = this.#limits.state;
    const limit = configOf(this.env).concurrentRequests;
    const kept = lendSlots(
      holdings,
      limit,
      { isolate, inFlight, needed: inFlight, wanted: inFlight },
      systemClock.now(),
    );
    this.#limits.state = { ...this.#limits.state, holdings: kept.holdings };
    return { slots: kept.slots, slotLeaseMs: SLOT_LEASE_MS, scarce: kept.scarce };
  }

  rulesIn(tenantId: string): Promise<UserRules> {
    return this.#rulesIn(tenantId);
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

  async leasesEndIn(id: string): Promise<number> {
    const until = Math.max(this.#lentUntil.get(id) ?? 0, this.#bornAt + KEY_LEASE_MS);
    return Math.max(0, until - systemClock.now());
  }

  readKey(id: string): Promise<Outcome<KeyRecord>> {
    return outcome(() => this.#stored(id));
  }

  renameKey(id: string, name: string): Promise<Outcome<KeyRecord>> {
    return outcome(async () => {
      this.#stored(id);
      this.#keys.rename(id, name);
      await this.#tellIndex(systemClock.now());
      return this.#stored(id);
    });
  }

  rotateKey(id: string, made: NewKey, endsAt: number): Promise<Outcome<Rotated>> {
    return outcome(async () => {
      const now = systemClock.now();
      const old = this.#stored(id);
      if (admitRotation(old, this.#keys.byId(made.id), this.#keys.countLive(now), made, now)) {
        this.ctx.storage.transactionSync(() => {
          this.#keys.insert(made);
          this.#keys.replace(id, made.id, endsAt);
        });
        await this.#tellIndex(now);
      }
      return { old: this.#stored(id), made: this.#stored(made.id) };
    });
  }

  spendOf(id: string): Promise<Outcome<SpendStanding>> {
    return outcome(() => {
      const { familyId, monthlyLimitNano } = this.#stored(id);
      return { limit: monthlyLimitNano, spent: this.#spend.spent(familyId, systemClock.now()) };
    });
  }

  spend(question: SpendQuestion): Promise<Outcome<SpendAnswer>> {
    return outcome(() => {
      const { familyId, monthlyLimitNano } = this.#stored(question.keyId);
      const limit = monthlyLimitNano ?? Number.MAX_SAFE_INTEGER;
      const now = systemClock.now();
      return this.ctx.storage.transactionSync(() =>
        inTurn(this.#spend.lend(familyId, limit, question, now), now),
      );
    });
  }

  async roleMayChange(tenantId: string, change: string): Promise<void> {
    const until = systemClock.now() + ROLE_UNSURE_MS;
    this.#roles.announce(tenantId, change, until);
    await this.#wakeBy(until);
  }

  async roleChanged(tenantId: string, change: string, ended: boolean): Promise<void> {
    const left = ended || (await this.#readRole(tenantId)) === null;
    this.#roles.end(tenantId, change);
    const now = systemClock.now();
    if (left) this.#keys.revokeAllOf(tenantId, now);
    await this.#tellIndex(now);
  }

  async forgetTenant(tenantId: string): Promise<void> {
    this.#keys.forgetTenant(tenantId);
    this.#roles.forgetTenant(tenantId);
    this.#plans.forgetTenant(tenantId);
    this.#spend.forgetOrphans();
  }

  /** Does what could not be done before. Never throws: the platform gives up on an alarm that fails six times. */
  override async alarm(): Promise<void> {
    try {
      for (const { tenantId, change } of this.#roles.overdue(systemClock.now()).changes)
        await this.roleChanged(tenantId, change, false);
    } catch (error) {
      this.#log.error('a role could not be read; it will be tried again', { error });
    }
    await this.#tellIndex(systemClock.now());
  }

  get #userId(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new Error('a limiter is reached by its user’s id');
    return name;
  }

  /** The user's role in a tenant; null for none, or no tenant. Asks the database where it is not known, and keeps what it says. */
  async #roleOf(tenantId: string | undefined): Promise<Role | null> {
    if (tenantId === undefined) return null;
    const known = this.#roles.known(tenantId);
    if (known !== undefined) return known;
    const heard = this.#roles.heard(tenantId);
    const role = await this.#readRole(tenantId);
    // That there is none is not kept: somebody may join any time.
    if (role !== null) this.#roles.keep(tenantId, role, heard);
    return role;
  }

  /** What bounds the user in a tenant. Its plan is at most a minute old while the user asks, and costs no wait but the first time. */
  async #rulesIn(tenantId: string | undefined): Promise<UserRules> {
    const config = configOf(this.env);
    if (tenantId === undefined || !config.planLimits) return rulesOf(config, 'free');
    const read = async () =>
      unwrap(await callLedger(this.env, tenantId, (ledger) => ledger.plan(tenantId))).plan;
    const beside = (work: Promise<unknown>) => this.ctx.waitUntil(work);
    return rulesOf(config, await this.#plans.planOf(tenantId, systemClock.now(), read, beside));
  }

  async #readRole(tenantId: string): Promise<Role | null> {
    try {
      return (await membershipOf(this.env.DB, this.#userId, tenantId))?.role ?? null;
    } catch (error) {
      this.#log.error('a role could not be read', { error });
      throw new ParallaxError('unavailable', 'Roles cannot be read at the moment. Please try again.', {
        retryAfterMs: 1_000,
      });
    }
  }

  /** Lends a key, and notes that it is used: in the same breath, so that it costs no wait, and told to the index within half a minute. */
  #lendKey(key: KeyRecord | undefined, role: Role | null, country: Country, now: number): KeyLease {
    const lease = lendKey(key, role, now);
    this.#lentUntil.delete(lease.keyId);
    this.#lentUntil.set(lease.keyId, now + lease.leaseMs);
    for (const [id, until] of this.#lentUntil) {
      if (until > now) break;
      this.#lentUntil.delete(id);
    }
    if (key !== undefined && isUseToNote(key, now)) {
      this.#keys.used(key.id, now, country);
      this.ctx.waitUntil(this.#wakeBy(now + INDEX_RETRY_MS));
    }
    return lease;
  }

  async #wakeBy(at: number): Promise<void> {
    const planned = await this.ctx.storage.getAlarm();
    if (planned === null || planned > at) await this.ctx.storage.setAlarm(at);
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
      const { changes, next } = this.#roles.overdue(now);
      const wake = changes.length > 0 ? now + INDEX_RETRY_MS : next;
      if (wake === null) await this.ctx.storage.deleteAlarm();
      else await this.ctx.storage.setAlarm(wake);
    } catch (error) {
      this.#log.error('the index of API keys could not be written; it will be tried again', { error });
    }
  }
}
