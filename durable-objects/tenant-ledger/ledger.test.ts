import { describe, expect, it } from 'vitest';
import type { Credit } from '../../src/features/metering/index.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import { expectBalanced } from './balanced.fixture.ts';
import { Ledger } from './ledger.ts';
import { SqliteLedgerDatabase } from './sqlite.fixture.ts';

const tenantId = 'ten_test';
const reference = { type: 'test', id: 'test' };
const DAY_MS = 24 * 60 * 60 * 1000;

function setUp(opening = 0) {
  const db = new SqliteLedgerDatabase();
  const ledger = new Ledger(db);
  ledger.open(opening, 0);
  const credit = (changes: Partial<Credit>, now = 0) =>
    ledger.credit(
      {
        tenantId,
        id: 'credit',
        type: 'purchase',
        bucket: 'purchased',
        amount: 100,
        expiresAt: null,
        reference,
        reason: 'Bought',
        ...changes,
      },
      now,
    );
  const reserve = (id: string, amount: number, expiresAt: number | null = null, now = 0) =>
    ledger.reserve({ tenantId, id, amount, expiresAt, reference }, now);
  const settle = (id: string, cost: number, now = 0) =>
    ledger.settle({ tenantId, id, cost, reference, reason: 'Run' }, now);
  const refund = (id: string, creditId: string, amount: number) =>
    ledger.refund({ tenantId, id, creditId, amount, reference, reason: 'Given back' }, 0);
  const left = (now = 0) =>
    Object.fromEntries(ledger.standing(now).buckets.map((bucket) => [bucket.id, bucket.left]));
  return { db, ledger, credit, reserve, settle, refund, left };
}

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof ParallaxError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
};

describe('credit', () => {
  it('is spent by kind: the allocation first, what was bought last, and what expires sooner before what expires later', () => {
    const { credit, settle, left } = setUp();
    credit({ id: 'bought', amount: 10 });
    credit({ id: 'bonus', type: 'bonus', bucket: 'bonus', amount: 10 });
    credit({ id: 'later', type: 'allocation', bucket: 'allocation', amount: 10, expiresAt: 9_000 });
    credit({ id: 'sooner', type: 'allocation', bucket: 'allocation', amount: 10, expiresAt: 5_000 });
    credit({ id: 'promotion', type: 'bonus', bucket: 'promotional', amount: 10 });
    settle('a', 15);
    expect(left()).toEqual({ later: 5, promotion: 10, bonus: 10, bought: 10 });
    settle('b', 30);
    expect(left()).toEqual({ bought: 5 });
  });

  it('ends when it expires, but not under what is reserved of it', () => {
    const { db, ledger, credit, reserve, settle } = setUp();
    credit({ id: 'month', type: 'allocation', bucket: 'allocation', amount: 100, expiresAt: 1_000 });
    reserve('run', 30);
    expect(ledger.standing(1_000)).toMatchObject({ balance: 30, reserved: 30, available: 0 });
    expect(settle('run', 20, 1_001)).toEqual({ charged: 20, uncollected: 0 });
    expect(ledger.standing(1_002)).toMatchObject({ balance: 0, reserved: 0 });
    expect(ledger.transactions(null, 10).map(({ type, amount, reason }) => [type, amount, reason])).toEqual([
      ['adjustment', -10, 'expired'],
      ['usage', -20, 'Run'],
      ['adjustment', -70, 'expired'],
      ['allocation', 100, 'Bought'],
    ]);
    expectBalanced(db);
  });

  it('told twice is added once; told with another amount under the same id it is refused', () => {
    const { ledger, credit } = setUp();
    expect(credit({ amount: 100 })).toEqual(credit({ amount: 100 }));
    expect(ledger.standing(0).balance).toBe(100);
    expect(codeOf(() => credit({ amount: 101 }))).toBe('idempotency_mismatch');
    expect(codeOf(() => credit({ reference: { type: 'test', id: 'other' } }))).toBe('idempotency_mismatch');
  });

  it.each([0, -5, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('of %s is refused', (amount) => {
    const { ledger, credit } = setUp();
    expect(codeOf(() => credit({ amount }))).toBe('invalid_parameter');
    expect(ledger.standing(0)).toMatchObject({ balance: 0, seq: 0 });
  });
});

describe('a refund', () => {
  it('takes its own purchase back first', () => {
    const { credit, refund, left } = setUp();
    credit({ id: 'first', amount: 50 });
    credit({ id: 'second', amount: 50 });
    expect(refund('r', 'second', 50)).toEqual({ taken: 50, owed: 0 });
    expect(left()).toEqual({ first: 50 });
  });

  it('of what was spent is owed, and the next purchase pays it', () => {
    const { db, ledger, credit, settle, refund } = setUp();
    credit({ id: 'first', amount: 50 });
    settle('run', 40);
    expect(refund('r', 'first', 50)).toEqual({ taken: 10, owed: 40 });
    expect(refund('r', 'first', 50)).toEqual({ taken: 10, owed: 40 });
    expect(ledger.standing(0)).toMatchObject({ balance: 0, owed: 40 });
    credit({ id: 'second', amount: 100 });
    expect(ledger.standing(0)).toMatchObject({ balance: 60, owed: 0 });
    expectBalanced(db);
  });

  it('larger than the purchase, or than what is left to refund of it, is refused', () => {
    const { credit, refund } = setUp();
    credit({ id: 'first', amount: 50 });
    expect(codeOf(() => refund('r1', 'first', 51))).toBe('invalid_parameter');
    refund('r2', 'first', 30);
    expect(codeOf(() => refund('r3', 'first', 21))).toBe('invalid_parameter');
    expect(codeOf(() => refund('r4', 'unknown', 1))).toBe('not_found');
  });

  it('never takes what is reserved', () => {
    const { ledger, credit, reserve, refund, settle } = setUp();
    credit({ id: 'first', amount: 50 });
    reserve('run', 20);
    expect(refund('r', 'first', 50)).toEqual({ taken: 30, owed: 20 });
    expect(settle('run', 20)).toEqual({ charged: 20, uncollected: 0 });
    expect(ledger.standing(0)).toMatchObject({ balance: 0, owed: 20 });
  });
});

describe('a credit that is revoked', () => {
  const revoke = (ledger: Ledger, id = 'back', creditId = 'credit') =>
    ledger.revoke({ tenantId, id, creditId, reference, reason: 'Taken back' }, 0);

  it('gives back what is left of it and nothing else, once, without a debt', () => {
    const { db, ledger, credit, settle, left } = setUp();
    credit({ type: 'bonus', bucket: 'bonus', amount: 50 });
    credit({ id: 'bought', amount: 100 });
    settle('run', 20);
    expect(revoke(ledger)).toEqual({ taken: 30 });
    expect(revoke(ledger)).toEqual({ taken: 30 });
    expect(left()).toEqual({ bought: 100 });
    expect(ledger.standing(0)).toMatchObject({ balance: 100, owed: 0 });
    expectBalanced(db);
  });

  it('that was spent gives nothing back, and stays so when it is told again', () => {
    const { db, ledger, credit, settle } = setUp();
    credit({ type: 'bonus', bucket: 'bonus', amount: 50 });
    settle('run', 50);
    credit({ id: 'bought', amount: 100 });
    expect(revoke(ledger)).toEqual({ taken: 0 });
    expect(revoke(ledger)).toEqual({ taken: 0 });
    expect(ledger.standing(0)).toMatchObject({ balance: 100, owed: 0 });
    expectBalanced(db);
  });

  it('leaves what is reserved', () => {
    const { db, ledger, credit, reserve } = setUp();
    credit({ type: 'bonus', bucket: 'bonus', amount: 50 });
    reserve('run', 30);
    expect(revoke(ledger)).toEqual({ taken: 20 });
    expect(ledger.standing(0)).toMatchObject({ balance: 30, reserved: 30, available: 0 });
    expectBalanced(db);
  });

  it('must have been given', () => {
    expect(codeOf(() => revoke(setUp().ledger))).toBe('not_found');
  });
});

describe('a reservation', () => {
  it('is refused when less is available, with both figures', () => {
    const { reserve } = setUp(100);
    reserve('a', 70);
    expect(() => reserve('b', 31)).toThrow(
      expect.objectContaining({
        code: 'insufficient_credit',
        details: { needed_nano_usd: 31, available_nano_usd: 30 },
      }),
    );
    expect(reserve('b', 30)).toEqual({ reserved: 30 });
  });

  it('returns when it expires, lives longer when it is told so, and is then over for good', () => {
    const { ledger, reserve } = setUp(100);
    reserve('a', 70, 1_000);
    expect(reserve('a', 70, 2_000, 500)).toEqual({ reserved: 70 });
    expect(ledger.standing(1_500).available).toBe(30);
    expect(ledger.standing(2_000).available).toBe(100);
    expect(reserve('a', 70, 9_000, 2_001)).toEqual({ reserved: 0 });
  });

  it('that was settled after it expired is charged from what is available, and says what is missing', () => {
    const { ledger, reserve, settle } = setUp(100);
    reserve('a', 70, 1_000);
    reserve('b', 90, null, 1_000);
    expect(settle('a', 70, 1_001)).toEqual({ charged: 10, uncollected: 60 });
    expect(settle('b', 90, 1_001)).toEqual({ charged: 90, uncollected: 0 });
    expect(ledger.standing(1_001).balance).toBe(0);
  });

  it('settled with another cost under the same id is refused', () => {
    const { settle } = setUp(100);
    settle('a', 5);
    expect(settle('a', 5)).toEqual({ charged: 5, uncollected: 0 });
    expect(codeOf(() => settle('a', 6))).toBe('idempotency_mismatch');
    settle('free', 0);
    expect(codeOf(() => settle('free', 6))).toBe('idempotency_mismatch');
  });

  it('settled for nothing stays so a year later, and is charged nothing else', () => {
    const { ledger, reserve, settle } = setUp(100);
    reserve('run', 40);
    settle('run', 0);
    const later = 365 * DAY_MS;
    ledger.standing(later);
    expect(settle('run', 0, later)).toEqual({ charged: 0, uncollected: 0 });
    expect(codeOf(() => settle('run', 5, later))).toBe('idempotency_mismatch');
    expect(ledger.standing(later)).toMatchObject({ balance: 100, reserved: 0 });
  });

  it('cannot be made again a year after it was settled', () => {
    const { ledger, reserve, settle } = setUp(100);
    reserve('a', 10);
    settle('a', 10);
    const year = 365 * DAY_MS;
    ledger.standing(year);
    expect(reserve('a', 10, null, year)).toEqual({ reserved: 0 });
    expect(settle('a', 10, year)).toEqual({ charged: 10, uncollected: 0 });
    expect(ledger.standing(year).balance).toBe(90);
  });
});

describe('a tenant that is marked unlimited', () => {
  it('is never refused, and its calls are recorded all the same', () => {
    const { db, ledger, reserve, settle } = setUp(10);
    ledger.markUnlimited(true, 0);
    reserve('run', 1_000);
    expect(settle('run', 900)).toEqual({ charged: 10, uncollected: 890 });
    expect(ledger.transactions(null, 1)[0]).toMatchObject({ type: 'usage', amount: -10, short: 890 });
    expectBalanced(db);
  });
});
