import { describe, expect, it } from 'vitest';
import type { LedgerTransaction } from '../metering/index.ts';
import { mirrorRow } from '../metering/index.ts';
import { compareCharges, compareEvents, compareMirror } from './compare.ts';
import { comparePurchases, type PurchaseRow } from './compare-purchases.ts';
import { nextRound } from './reconcile.ts';

const NOW = 1_000_000;
const times = { settledBefore: NOW, eventsKeptSince: 100 };

const charge = (seq: number, changes: Partial<LedgerTransaction> = {}): LedgerTransaction => ({
  seq,
  id: `call_${seq}`,
  at: 500,
  type: 'usage',
  amount: -10,
  short: 0,
  balanceAfter: 1_000 - 10 * seq,
  buckets: { a: -6, b: -4 },
  reference: { type: 'call', id: `call_${seq}` },
  reason: 'Model call',
  ...changes,
});
const kinds = (found: readonly { kind: string; subject: string; amountNano: number }[]) =>
  found.map(({ kind, subject, amountNano }) => [kind, subject, amountNano]);

describe('a ledger and its mirror', () => {
  const all = [1, 2, 3, 4, 5, 6].map((seq) => charge(seq));
  const rows = all.map((transaction) => mirrorRow('ten_a', transaction));
  const compare = (mirror: typeof rows, changes: Partial<{ mirrored: number }> = {}, transactions = all) =>
    compareMirror('ten_a', { transactions, mirrored: 6, ...changes }, mirror, times);

  it('are the same when every row is, whatever the order of a row’s buckets', () => {
    expect(compare(rows.map((row) => ({ ...row, buckets: { b: -4, a: -6 } })))).toEqual([]);
  });

  it('differ in rows that are missing, told as ranges; what was not sent or is young is not missing yet', () => {
    const some = rows.filter(({ seq }) => seq === 1 || seq === 4);
    expect(kinds(compare(some))).toEqual([
      ['mirror_missing', '2-3', 0],
      ['mirror_missing', '5-6', 0],
    ]);
    expect(kinds(compare(some, { mirrored: 5 }))).toContainEqual(['mirror_missing', '5', 0]);
    const young = all.map((transaction) => ({ ...transaction, at: NOW }));
    expect(compare([], {}, young)).toEqual([]);
  });

  it.each([
    { amountNano: -9 },
    { shortNano: 1 },
    { balanceAfterNano: 0 },
    { at: 501 },
    { id: 'call_x' },
    { type: 'bonus' as const },
    { reason: '' },
    { referenceId: '' },
    { buckets: { a: -10 } },
  ])('differ in a row that has %o', (change) => {
    const found = compare(rows.map((row) => (row.seq === 3 ? { ...row, ...change } : row)));
    const amount = 'amountNano' in change ? 1 : 0;
    expect(kinds(found)).toEqual([['mirror_differs', '3', amount]]);
    expect(JSON.parse(found[0]?.found ?? '')).toEqual(change);
  });

  it('differ in a row that the ledger has not', () => {
    const extra = mirrorRow('ten_a', charge(7));
    expect(kinds(compare([...rows, extra]))).toEqual([['mirror_extra', '7', -10]]);
  });
});

describe('a ledger and usage', () => {
  const event = (seq: number, chargeNano = 10, at = 500) => ({ id: `call_${seq}`, chargeNano, at });

  it('agree where each call is charged what its event says, the uncollected part included', () => {
    const poor = charge(2, { amount: -4, short: 6 });
    const other = charge(3, { reference: { type: 'job', id: 'x' } });
    const bonus = charge(4, { type: 'bonus', amount: 5 });
    expect(compareCharges([charge(1), poor, other, bonus], [event(1), event(2)], times)).toEqual([]);
  });

  it('differ in another charge, and in a charge without an event, within the time that events are kept', () => {
    const found = compareCharges(
      [charge(1), charge(2), charge(3, { at: 99 }), charge(4, { at: NOW })],
      [event(1, 12)],
      times,
    );
    expect(kinds(found)).toEqual([
      ['charge_differs', 'call_1', 2],
      ['event_missing', 'call_2', -10],
    ]);
  });

  it('differ in an event whose charge never reached the ledger, once it had its time', () => {
    const events = [event(1), event(2), event(3, 0), event(4, 10, NOW)];
    expect(kinds(compareEvents(events, [charge(1)], times))).toEqual([['not_charged', 'call_2', -10]]);
  });
});

describe('a ledger and payments', () => {
  const purchase = (id: string, changes: Partial<PurchaseRow> = {}): PurchaseRow => ({
    id,
    tenantId: 'ten_a',
    kind: 'credit',
    status: 'paid',
    currency: 'usd',
    paidCents: 2_000,
    creditNano: 20_000,
    refundedCents: 0,
    lapsedCents: 0,
    disputedCents: 0,
    createdAt: 1,
    asOf: 500,
    ...changes,
  });
  const credit = (id: string, amount = 20_000, at = 500) =>
    charge(1, {
      id: `stripe:${id}/credit`,
      type: 'purchase',
      amount,
      at,
      reference: { type: 'payment', id },
    });
  const refund = (id: string, taken: number, short = 0) =>
    charge(2, { id: `stripe:${id}/refund`, type: 'refund', amount: -taken, short });
  const compare = (purchases: PurchaseRow[], transactions: LedgerTransaction[]) =>
    kinds(comparePurchases(purchases, transactions, NOW));

  it('agree where each payment is credited once, and what went back was taken back or is owed', () => {
    const back = purchase('pi_2', { status: 'partly_refunded', refundedCents: 667 });
    const late = purchase('pi_4', { status: 'refunded', refundedCents: 2_000, lapsedCents: 2_000 });
    const failed = charge(5, { id: 'stripe:re_3/failed', type: 'adjustment', amount: 900 });
    const won = charge(3, { id: 'stripe:dp_1/won', type: 'adjustment', amount: 20_000 });
    const disputed = charge(4, { id: 'stripe:dp_1/dispute', type: 'refund', amount: -20_000 });
    expect(
      compare(
        [purchase('pi_1'), back, purchase('pi_3', { status: 'refused' }), late],
        [
          credit('pi_1'),
          credit('pi_2'),
          credit('pi_4'),
          refund('re_1', 3_330),
          refund('re_2', 1_000, 2_339),
          refund('re_3', 900),
          failed,
          disputed,
          won,
        ],
      ),
    ).toEqual([]);
  });

  it('differ in a payment that was not credited, or otherwise; in a refused one that was; and in a credit that nobody paid', () => {
    const purchases = [purchase('pi_1'), purchase('pi_2'), purchase('pi_3', { status: 'refused' })];
    expect(compare(purchases, [credit('pi_2', 20_001), credit('pi_3'), credit('pi_4')])).toEqual([
      ['purchase_not_credited', 'pi_1', -20_000],
      ['purchase_differs', 'pi_2', 1],
      ['purchase_differs', 'pi_3', 20_000],
      ['credit_unexplained', 'stripe:pi_4/credit', 20_000],
    ]);
  });

  it('differ in a refund that the ledger does not know, and in one that Stripe does not', () => {
    const back = purchase('pi_1', { status: 'refunded', refundedCents: 2_000 });
    expect(compare([back], [credit('pi_1')])).toEqual([['refunds_differ', 'refunds', 20_000]]);
    expect(compare([purchase('pi_1')], [credit('pi_1'), refund('re_1', 500)])).toEqual([
      ['refunds_differ', 'refunds', -500],
    ]);
  });

  it('are not told apart while something changed within the hour', () => {
    expect(compare([purchase('pi_1', { asOf: NOW })], [])).toEqual([]);
    expect(compare([], [credit('pi_1', 5, NOW)])).toEqual([]);
  });
});

it('a round compares what has come since the last, with what was too young for it; once a week everything', () => {
  const DAY = 24 * 60 * 60_000;
  const first = nextRound(null, 10 * DAY);
  expect(first).toMatchObject({ from: null, startedAt: 10 * DAY, wholeAt: 10 * DAY });
  const second = nextRound(first, 11 * DAY);
  expect(second).toMatchObject({ from: 10 * DAY - DAY / 12, wholeAt: 10 * DAY });
  expect(nextRound(second, 17 * DAY)).toMatchObject({ from: null, wholeAt: 17 * DAY });
});
