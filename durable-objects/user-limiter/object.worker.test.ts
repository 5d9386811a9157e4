import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { Role } from '../../src/contracts/principal.ts';
import { apiKeys, members, type NewKey, tenants, users } from '../../src/features/identity/index.ts';
import { platformDb, tenantDb } from '../../src/platform/db.ts';
import { newId } from '../../src/platform/ids.ts';

/** What a key has that nothing has happened to yet. */
const FRESH = { revokedAt: null, lastUsedAt: null, lastUsedCountry: null, replacedBy: null, version: 0 };

async function setUp() {
  const userId = newId('user');
  const tenantId = newId('tenant');
  const limiter = () => env.USER_LIMITER.getByName(userId);
  const key = ({ id = newId('apiKey'), ...changes }: Partial<NewKey> = {}): NewKey => ({
    id,
    familyId: id,
    rateLimit: null,
    monthlyLimitNano: null,
    allowedOrigins: [],
    hash: crypto.randomUUID().replaceAll('-', '').repeat(2),
    tenantId,
    userId,
    name: 'Key',
    kind: 'secret',
    prefix: 'plx_sk_Abcd',
    last4: 'wxyz',
    scopes: ['models', 'usage:read'],
    createdAt: Date.now(),
    cacheMaxAgeS: null,
    expiresAt: null,
    ...changes,
  });
  const db = platformDb(env.DB);
  const times = { createdAt: 1, updatedAt: 1 };
  await db.batch([
    db.insert(tenants).values({ id: tenantId, name: 'Tenant', ...times }),
    db.insert(users).values({ id: userId, name: 'User', email: `${userId}@example.com`, ...times }),
    db.insert(members).values({ tenantId, userId, role: 'owner', createdAt: 1 }),
  ]);
  const setRole = (role: Role | null) =>
    role === null
      ? tenantDb(env.DB, { tenantId }).delete(members, undefined)
      : tenantDb(env.DB, { tenantId }).update(members, { role }, undefined);
  const indexed = (id: string) => tenantDb(env.DB, { tenantId }).first(apiKeys, eq(apiKeys.id, id));
  return { userId, tenantId, limiter, key, indexed, setRole };
}

/** Runs `work` while the index in D1 cannot be written. */
async function withoutIndex(work: () => Promise<void>): Promise<void> {
  await env.DB.exec('ALTER TABLE api_keys RENAME TO api_keys_away');
  try {
    await work();
  } finally {
    await env.DB.exec('ALTER TABLE api_keys_away RENAME TO api_keys');
  }
}

describe('a user’s limiter', () => {
  it('settles what was taken of the tokens once by its name, also after an eviction', async () => {
    const { limiter, tenantId } = await setUp();
    const left = async () =>
      (await limiter().lendTokens(tenantId, { needed: 0, least: 0, wanted: 0, unused: 0 })).left;
    // Far below 0, so that what flows meanwhile is little beside it.
    await limiter().lendTokens(tenantId, { needed: 0, least: 0, wanted: 0, unused: -1e12 });
    const owed = await left();
    for (let told = 0; told < 3; told++) await limiter().settleTokens(tenantId, { id: 'a', unused: 1e10 });
    await limiter().settleTokens(tenantId, { id: 'b', unused: -2e9 });
    const settled = await left();
    expect(Math.round((settled - owed) / 1e9)).toBe(8);
    await expect
      .poll(() =>
        runInDurableObject(limiter(), (_, state) =>
          String(state.storage.sql.exec('SELECT state FROM limits').toArray()[0]?.state),
        ),
      )
      .toContain('"tokens":-99');
    await evictDurableObject(limiter());
    await limiter().settleTokens(tenantId, { id: 'a', unused: 1e10 });
    expect(Math.round(((await left()) - owed) / 1e9)).toBe(8);
  });

  it('lends a live key by its hash, and no other', async () => {
    const { limiter, key } = await setUp();
    const one = key();
    expect(await limiter().putKey(one)).toEqual({ ok: true, value: { ...one, ...FRESH } });
    const { id: keyId, tenantId, userId, kind, scopes } = one;
    expect(await limiter().checkKey(one.hash)).toEqual({
      ok: true,
      value: {
        keyId,
        familyId: keyId,
        tenantId,
        userId,
        role: 'owner',
        kind,
        scopes,
        cacheMaxAgeS: null,
        expiresAt: null,
        spendLimited: false,
        allowedOrigins: [],
        leaseMs: 5_000,
      },
    });
    expect(await limiter().checkKey('0'.repeat(64))).toMatchObject({
      ok: false,
      error: { code: 'unauthenticated', details: { reason: 'unknown' } },
    });
  });

  it('keeps keys and revocations through an eviction', async () => {
    const { limiter, key } = await setUp();
    const [kept, ended] = [key(), key()];
    await limiter().putKey(kept);
    await limiter().putKey(ended);
    await limiter().revokeKey(ended.id);
    await evictDurableObject(limiter());
    expect(await limiter().checkKey(kept.hash)).toMatchObject({ ok: true });
    expect(await limiter().checkKey(ended.hash)).toMatchObject({ error: { details: { reason: 'revoked' } } });
  });

  it('refuses an expired key', async () => {
    const { limiter, key } = await setUp();
    const past = key({ expiresAt: Date.now() - 1 });
    await limiter().putKey(past);
    expect(await limiter().checkKey(past.hash)).toMatchObject({ error: { details: { reason: 'expired' } } });
  });

  it('puts the same key once, however often it is told', async () => {
    const { limiter, key } = await setUp();
    const one = key();
    const results = await Promise.all([limiter().putKey(one), limiter().putKey(one), limiter().putKey(one)]);
    expect(results.every(({ ok }) => ok)).toBe(true);
    await limiter().revokeKey(one.id);
    expect(await limiter().putKey(one)).toMatchObject({ ok: true, value: { revokedAt: expect.any(Number) } });
    expect(await limiter().checkKey(one.hash)).toMatchObject({ ok: false });
  });

  it('refuses another key under an id that is taken', async () => {
    const { limiter, key } = await setUp();
    const one = key();
    await limiter().putKey(one);
    expect(await limiter().putKey(key({ id: one.id }))).toMatchObject({ error: { code: 'conflict' } });
    expect(await limiter().checkKey(one.hash)).toMatchObject({ ok: true });
  });

  it('says not_found for a key that it never had', async () => {
    expect(await (await setUp()).limiter().revokeKey(newId('apiKey'))).toMatchObject({
      error: { code: 'not_found' },
    });
  });

  it('writes each change to the index in D1 before it answers, and leaves no alarm', async () => {
    const { limiter, key, indexed } = await setUp();
    const one = key();
    await limiter().putKey(one);
    const { hash: _, familyId: __, ...row } = one;
    expect(await indexed(one.id)).toEqual({ ...row, ...FRESH });
    const ended = await limiter().revokeKey(one.id);
    expect(await indexed(one.id)).toMatchObject({ revokedAt: ended.ok && ended.value.revokedAt });
    expect(await runInDurableObject(limiter(), (_object, state) => state.storage.getAlarm())).toBeNull();
  });

  it('makes a key live while D1 is away, and tells the index when it is back', async () => {
    const { limiter, key, indexed } = await setUp();
    const one = key();
    await withoutIndex(async () => {
      expect(await limiter().putKey(one)).toMatchObject({ ok: true });
      expect(await limiter().checkKey(one.hash)).toMatchObject({ ok: true });
      expect(await runDurableObjectAlarm(limiter())).toBe(true);
    });
    expect(await indexed(one.id)).toBeUndefined();
    await evictDurableObject(limiter());
    expect(await runDurableObjectAlarm(limiter())).toBe(true);
    expect(await indexed(one.id)).toMatchObject({ name: 'Key', revokedAt: null });
    expect(await runDurableObjectAlarm(limiter())).toBe(false);
  });

  it('revokes while D1 is away, and the index learns of it', async () => {
    const { limiter, key, indexed } = await setUp();
    const one = key();
    await limiter().putKey(one);
    await withoutIndex(async () => {
      expect(await limiter().revokeKey(one.id)).toMatchObject({ ok: true });
      expect(await limiter().checkKey(one.hash)).toMatchObject({ ok: false });
    });
    expect(await indexed(one.id)).toMatchObject({ revokedAt: null });
    await runDurableObjectAlarm(limiter());
    expect(await indexed(one.id)).toMatchObject({ revokedAt: expect.any(Number) });
  });
});

describe('what a user’s limiter lends', () => {
  const ask = {
    isolate: 'a',
    operation: 'models',
    needed: 1,
    wanted: 10,
    unused: 0,
    inFlight: 0,
    slotsNeeded: 2,
    slotsWanted: 2,
  } as const;

  it('comes with the key: requests, slots, and how the limit stands', async () => {
    const { limiter, key } = await setUp();
    const one = key();
    await limiter().putKey(one);
    expect(await limiter().lend({ ...ask, hash: one.hash })).toMatchObject({
      ok: true,
      value: {
        bearer: { keyId: one.id, tenantId: one.tenantId, leaseMs: 5_000 },
        requests: 10,
        limit: 1_200,
        remaining: 1_190,
        retryAfterMs: 0,
        slots: 2,
        slotLimit: 1_500,
      },
    });
  });

  it('is nothing to a key that is revoked or unknown', async () => {
    const { limiter, key } = await setUp();
    const one = key();
    await limiter().putKey(one);
    await limiter().revokeKey(one.id);
    for (const hash of [one.hash, '0'.repeat(64)])
      expect(await limiter().lend({ ...ask, hash })).toMatchObject({ error: { code: 'unauthenticated' } });
  });

  it('is not forgotten by an eviction', async () => {
    const { limiter, key } = await setUp();
    const one = key();
    await limiter().putKey(one);
    await limiter().lend({
      ...ask,
      hash: one.hash,
      needed: 1_000,
      wanted: 1_000,
      slotsNeeded: 1_000,
      slotsWanted: 1_000,
    });
    // What was lent is written within a second.
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    await evictDurableObject(limiter());
    const after = await limiter().lend({
      ...ask,
      isolate: 'b',
      hash: one.hash,
      needed: 900,
      wanted: 900,
      slotsNeeded: 900,
      slotsWanted: 900,
    });
    expect(after.ok && after.value.requests).toBeLessThan(900);
    expect(after.ok && after.value.slots).toBe(500);
  });

  it('is given back by who says that it needs it no more', async () => {
    const { limiter, key } = await setUp();
    const one = key();
    await limiter().putKey(one);
    await limiter().lend({ ...ask, hash: one.hash, slotsNeeded: 1_500, slotsWanted: 1_500 });
    expect(await limiter().keep({ isolate: 'a', inFlight: 3 })).toMatchObject({
      slots: 3,
      scarce: false,
    });
    const other = await limiter().lend({
      ...ask,
      isolate: 'b',
      hash: one.hash,
      slotsNeeded: 1_500,
      slotsWanted: 1_500,
    });
    expect(other.ok && other.value.slots).toBe(1_497);
  });
});

describe('a user’s roles', () => {
  const roleOf = async (limiter: DurableObjectStub<import('./object.ts').UserLimiter>, tenantId: string) => {
    const answer = await limiter.checkMember(tenantId);
    return answer.ok ? answer.value.role : 'none';
  };

  it('are kept: the database is asked once, also through an eviction', async () => {
    const { limiter, tenantId, setRole } = await setUp();
    expect(await roleOf(limiter(), tenantId)).toBe('owner');
    // Changed behind the limiter's back: what it says shows whether it asked.
    await setRole('viewer');
    expect(await roleOf(limiter(), tenantId)).toBe('owner');
    await evictDurableObject(limiter());
    expect(await roleOf(limiter(), tenantId)).toBe('owner');
  });

  it('hold from the moment they change, though whoever changed them stopped half way', async () => {
    const { limiter, tenantId, key, setRole } = await setUp();
    const one = key();
    await limiter().putKey(one);
    expect(await limiter().checkKey(one.hash)).toMatchObject({ value: { role: 'owner' } });
    await limiter().roleMayChange(tenantId, 'change-1');
    expect(await limiter().checkKey(one.hash)).toMatchObject({ value: { role: 'owner' } });
    await setRole('viewer');
    expect(await limiter().checkKey(one.hash)).toMatchObject({ value: { role: 'viewer' } });
    await evictDurableObject(limiter());
    await setRole('member');
    expect(await limiter().checkKey(one.hash)).toMatchObject({ value: { role: 'member' } });
    await setRole(null);
    expect(await limiter().checkKey(one.hash)).toMatchObject({
      error: { details: { reason: 'not_a_member' } },
    });
  });

  it('are sure again when every announced change is over, and not before', async () => {
    const { limiter, tenantId, setRole } = await setUp();
    await limiter().roleMayChange(tenantId, 'change-1');
    await limiter().roleMayChange(tenantId, 'change-2');
    await setRole('admin');
    await limiter().roleChanged(tenantId, 'change-2', false);
    await setRole('member');
    expect(await roleOf(limiter(), tenantId)).toBe('member');
    await limiter().roleChanged(tenantId, 'change-1', false);
    expect(await roleOf(limiter(), tenantId)).toBe('member');
    await setRole('viewer');
    expect(await roleOf(limiter(), tenantId)).toBe('member');
  });

  it('end with the membership, and the keys for that tenant with them', async () => {
    const { limiter, tenantId, key, setRole, indexed } = await setUp();
    const [one, other] = [key(), key({ tenantId: newId('tenant') })];
    await limiter().putKey(one);
    await limiter().putKey(other);
    await limiter().roleMayChange(tenantId, 'change-1');
    await setRole(null);
    await limiter().roleChanged(tenantId, 'change-1', true);
    expect(await limiter().checkKey(one.hash)).toMatchObject({ error: { details: { reason: 'revoked' } } });
    expect(await indexed(one.id)).toMatchObject({ revokedAt: expect.any(Number) });
    // Of another tenant: it has no member here, but it was not revoked.
    expect(await limiter().checkKey(other.hash)).toMatchObject({
      error: { details: { reason: 'not_a_member' } },
    });
  });

  it('are finished by the alarm, when whoever ended a membership never came back', async () => {
    const { limiter, tenantId, key, setRole } = await setUp();
    const one = key();
    await limiter().putKey(one);
    await runInDurableObject(limiter(), async (object, state) => {
      await object.roleMayChange(tenantId, 'change-1');
      // As if the minute were over.
      state.storage.sql.exec('UPDATE role_changes SET until = 1');
    });
    await setRole(null);
    await evictDurableObject(limiter());
    expect(await runDurableObjectAlarm(limiter())).toBe(true);
    expect(await limiter().checkKey(one.hash)).toMatchObject({ error: { details: { reason: 'revoked' } } });
    expect(await runDurableObjectAlarm(limiter())).toBe(false);
  });

  it('lend requests and slots without a key, out of the same bucket as the keys', async () => {
    const { limiter, tenantId, key } = await setUp();
    const one = key();
    await limiter().putKey(one);
    const ask = {
      isolate: 'a',
      operation: 'models',
      needed: 200,
      wanted: 200,
      unused: 0,
      inFlight: 0,
      slotsNeeded: 1,
      slotsWanted: 1,
    } as const;
    expect(await limiter().lend({ ...ask, tenantId })).toMatchObject({
      value: { bearer: { tenantId, role: 'owner', leaseMs: 5_000 }, requests: 200, remaining: 1_000 },
    });
    const after = await limiter().lend({ ...ask, hash: one.hash });
    // A hundred come back every second meanwhile.
    expect(after.ok && after.value.remaining).toBeLessThan(1_000);
    expect(after.ok && after.value.remaining).toBeGreaterThanOrEqual(800);
    expect(await limiter().lend({ ...ask, tenantId: newId('tenant') })).toMatchObject({
      error: { code: 'unauthenticated' },
    });
  });
});
