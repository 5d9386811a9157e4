import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../platform/errors.ts';
import { Leases } from './key-leases.ts';
import type { KeyLease } from './user-limiter.ts';

const lease: KeyLease = {
  keyId: 'key_1',
  familyId: 'key_1',
  tenantId: 'ten_1',
  userId: 'usr_1',
  role: 'owner',
  kind: 'secret',
  scopes: ['models'],
  cacheMaxAgeS: null,
  expiresAt: null,
  spendLimited: false,
  allowedOrigins: [],
  leaseMs: 5_000,
};
const granted: Outcome<KeyLease> = { ok: true, value: lease };
const revoked: Outcome<KeyLease> = { ok: false, error: { code: 'unauthenticated', message: 'Revoked.' } };

function setUp(bounds: ConstructorParameters<typeof Leases<KeyLease>>[0] = {}) {
  const clock = { time: 1_000_000, now: () => clock.time };
  const leases = new Leases<KeyLease>(bounds);
  const limiter = { answer: granted, asked: 0 };
  const ask = async () => {
    limiter.asked += 1;
    return limiter.answer;
  };
  return { clock, leases, limiter, lease: (hash: string) => leases.lease(hash, clock, ask) };
}

describe('the leases of an isolate', () => {
  it('answer for a key without asking again until the lease ends', async () => {
    const { clock, limiter, lease } = setUp();
    await lease('a');
    clock.time += 4_999;
    expect(await lease('a')).toEqual(granted);
    expect(limiter.asked).toBe(1);
    clock.time += 1;
    await lease('a');
    expect(limiter.asked).toBe(2);
  });

  it('refuse a revoked key at latest one lease after its revocation', async () => {
    const { clock, limiter, lease } = setUp();
    await lease('a');
    limiter.answer = revoked;
    clock.time += 5_000;
    expect(await lease('a')).toEqual(revoked);
  });

  it('count from the question, however long the answer took', async () => {
    const { clock, leases } = setUp();
    await leases.lease('a', clock, async () => {
      clock.time += 3_000;
      return granted;
    });
    clock.time += 1_999;
    expect(leases.known('a', clock)).toEqual(granted);
    clock.time += 1;
    expect(leases.known('a', clock)).toBeUndefined();
  });

  it('remember a refusal, more briefly', async () => {
    const { clock, limiter, lease } = setUp({ refusalMs: 2_000 });
    limiter.answer = revoked;
    await lease('a');
    clock.time += 1_999;
    expect(await lease('a')).toEqual(revoked);
    expect(limiter.asked).toBe(1);
    clock.time += 1;
    await lease('a');
    expect(limiter.asked).toBe(2);
  });

  it('do not hold when the clock has gone back', async () => {
    const { clock, leases, lease } = setUp();
    await lease('a');
    clock.time -= 1;
    expect(leases.known('a', clock)).toBeUndefined();
  });

  it('keep keys apart', async () => {
    const { limiter, lease } = setUp();
    await lease('a');
    limiter.answer = revoked;
    expect(await lease('b')).toEqual(revoked);
    expect(await lease('a')).toEqual(granted);
  });

  it('hold no more than their bound, and drop the oldest first', async () => {
    const { clock, leases, lease } = setUp({ maxEntries: 3 });
    for (const hash of ['a', 'b', 'c', 'd']) await lease(hash);
    expect(leases.size).toBe(3);
    expect(leases.known('a', clock)).toBeUndefined();
    expect(leases.known('d', clock)).toEqual(granted);
  });

  it('ask once for requests that come together', async () => {
    const { clock, leases } = setUp();
    let asked = 0;
    let answer: (outcome: Outcome<KeyLease>) => void = () => undefined;
    const ask = () => {
      asked += 1;
      return new Promise<Outcome<KeyLease>>((resolve) => {
        answer = resolve;
      });
    };
    const together = Promise.all([1, 2, 3].map(() => leases.lease('a', clock, ask)));
    answer(granted);
    expect(await together).toEqual([granted, granted, granted]);
    expect(asked).toBe(1);
  });

  it('do not wait for a request that was cancelled while it asked', async () => {
    const { clock, leases, limiter, lease } = setUp({ joinMs: 20 });
    void leases.lease('a', clock, () => new Promise(() => undefined));
    expect(await lease('a')).toEqual(granted);
    expect(limiter.asked).toBe(1);
    expect(leases.known('a', clock)).toEqual(granted);
  });

  it('pass on a failure to all who waited, and ask again after it', async () => {
    const { clock, leases, limiter, lease } = setUp();
    const failing = () => Promise.reject(new Error('unreachable'));
    const both = await Promise.allSettled([
      leases.lease('a', clock, failing),
      leases.lease('a', clock, failing),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(leases.size).toBe(0);
    expect(await lease('a')).toEqual(granted);
    expect(limiter.asked).toBe(1);
  });

  it('do not remember an answer that was under way when the key was forgotten', async () => {
    const { clock, leases } = setUp();
    await leases.lease('a', clock, async () => {
      await Promise.resolve();
      leases.forget('a');
      return granted;
    });
    expect(leases.known('a', clock)).toBeUndefined();
    await leases.lease('b', clock, async () => granted);
    leases.forget('b');
    expect(leases.known('b', clock)).toBeUndefined();
  });
});
