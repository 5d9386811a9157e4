import { env, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { apiKeys, type NewKey } from '../../src/features/identity/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { newId } from '../../src/platform/ids.ts';

function setUp() {
  const userId = newId('user');
  const tenantId = newId('tenant');
  const limiter = () => env.USER_LIMITER.getByName(userId);
  const key = (changes: Partial<NewKey> = {}): NewKey => ({
    id: newId('apiKey'),
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
  const indexed = (id: string) => tenantDb(env.DB, { tenantId }).first(apiKeys, eq(apiKeys.id, id));
  return { userId, tenantId, limiter, key, indexed };
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
  it('lends a live key by its hash, and no other', async () => {
    const { limiter, key } = setUp();
    const one = key();
    expect(await limiter().putKey(one)).toEqual({ ok: true, value: { ...one, revokedAt: null } });
    const { id: keyId, tenantId, userId, kind, scopes } = one;
    expect(await limiter().checkKey(one.hash)).toEqual({
      ok: true,
      value: { keyId, tenantId, userId, kind, scopes, cacheMaxAgeS: null, expiresAt: null, leaseMs: 5_000 },
    });
    expect(await limiter().checkKey('0'.repeat(64))).toMatchObject({
      ok: false,
      error: { code: 'unauthenticated', details: { reason: 'unknown' } },
    });
  });

  it('keeps keys and revocations through an eviction', async () => {
    const { limiter, key } = setUp();
    const [kept, ended] = [key(), key()];
    await limiter().putKey(kept);
    await limiter().putKey(ended);
    await limiter().revokeKey(ended.id);
    await evictDurableObject(limiter());
    expect(await limiter().checkKey(kept.hash)).toMatchObject({ ok: true });
    expect(await limiter().checkKey(ended.hash)).toMatchObject({ error: { details: { reason: 'revoked' } } });
  });

  it('refuses an expired key', async () => {
    const { limiter, key } = setUp();
    const past = key({ expiresAt: Date.now() - 1 });
    await limiter().putKey(past);
    expect(await limiter().checkKey(past.hash)).toMatchObject({ error: { details: { reason: 'expired' } } });
  });

  it('puts the same key once, however often it is told', async () => {
    const { limiter, key } = setUp();
    const one = key();
    const results = await Promise.all([limiter().putKey(one), limiter().putKey(one), limiter().putKey(one)]);
    expect(results.every(({ ok }) => ok)).toBe(true);
    await limiter().revokeKey(one.id);
    expect(await limiter().putKey(one)).toMatchObject({ ok: true, value: { revokedAt: expect.any(Number) } });
    expect(await limiter().checkKey(one.hash)).toMatchObject({ ok: false });
  });

  it('refuses another key under an id that is taken', async () => {
    const { limiter, key } = setUp();
    const one = key();
    await limiter().putKey(one);
    expect(await limiter().putKey(key({ id: one.id }))).toMatchObject({ error: { code: 'conflict' } });
    expect(await limiter().checkKey(one.hash)).toMatchObject({ ok: true });
  });

  it('says not_found for a key that it never had', async () => {
    expect(await setUp().limiter().revokeKey(newId('apiKey'))).toMatchObject({
      error: { code: 'not_found' },
    });
  });

  it('writes each change to the index in D1 before it answers, and leaves no alarm', async () => {
    const { limiter, key, indexed } = setUp();
    const one = key();
    await limiter().putKey(one);
    const { hash: _, ...row } = one;
    expect(await indexed(one.id)).toEqual({ ...row, revokedAt: null });
    const ended = await limiter().revokeKey(one.id);
    expect(await indexed(one.id)).toMatchObject({ revokedAt: ended.ok && ended.value.revokedAt });
    expect(await runInDurableObject(limiter(), (_object, state) => state.storage.getAlarm())).toBeNull();
  });

  it('makes a key live while D1 is away, and tells the index when it is back', async () => {
    const { limiter, key, indexed } = setUp();
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
    const { limiter, key, indexed } = setUp();
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
    const { limiter, key } = setUp();
    const one = key();
    await limiter().putKey(one);
    expect(await limiter().lend({ ...ask, hash: one.hash })).toMatchObject({
      ok: true,
      value: {
        key: { keyId: one.id, tenantId: one.tenantId, leaseMs: 5_000 },
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
    const { limiter, key } = setUp();
    const one = key();
    await limiter().putKey(one);
    await limiter().revokeKey(one.id);
    for (const hash of [one.hash, '0'.repeat(64)])
      expect(await limiter().lend({ ...ask, hash })).toMatchObject({ error: { code: 'unauthenticated' } });
  });

  it('is not forgotten by an eviction', async () => {
    const { limiter, key } = setUp();
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
    const { limiter, key } = setUp();
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
