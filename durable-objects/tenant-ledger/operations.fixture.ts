import fc from 'fast-check';
import { BUCKET_KINDS } from '../../src/contracts/ledger.ts';
import type {
  Credit,
  CreditQuestion,
  Debit,
  LedgerOperation,
  Refund,
  Reserve,
  Revoke,
  Settle,
} from '../../src/features/metering/index.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import type { Ledger } from './ledger.ts';

/** Something that is told a ledger, at a time. */
export type Told =
  | { readonly kind: 'credit'; readonly operation: Credit }
  | { readonly kind: 'debit'; readonly operation: Debit }
  | { readonly kind: 'refund'; readonly operation: Refund }
  | { readonly kind: 'revoke'; readonly operation: Revoke }
  | { readonly kind: 'reserve'; readonly operation: Reserve }
  | { readonly kind: 'settle'; readonly operation: Settle }
  | { readonly kind: 'release'; readonly operation: LedgerOperation }
  | { readonly kind: 'sync'; readonly operation: CreditQuestion }
  | { readonly kind: 'unlimited'; readonly operation: boolean }
  | { readonly kind: 'look'; readonly operation: null };

/** Tells a ledger something. A refusal is an answer like others: its code. */
export function tell(ledger: Ledger, { kind, operation }: Told, now: number): unknown {
  try {
    switch (kind) {
      case 'unlimited':
        return ledger.markUnlimited(operation, now);
      case 'look':
        return ledger.standing(now);
      default:
        // Each kind has the method of its name.
        return (ledger[kind] as (operation: unknown, now: number) => unknown)(operation, now);
    }
  } catch (error) {
    if (error instanceof ParallaxError) return error.code;
    throw error;
  }
}

const tenantId = 'ten_test';
const amount = fc.integer({ min: 1, max: 1_000 });
const name = (prefix: string, count: number) =>
  fc.integer({ min: 0, max: count - 1 }).map((n) => `${prefix}${n}`);
const reference = { type: 'test', id: 'test' };
const end = fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: null });

/**
 * Anything that can be told a ledger, with names from small sets so that repeats, contradictions and wrong orders are usual. Credits are the larger,
 * so that there is something to spend.
 */
export function anyTold(): fc.Arbitrary<Told> {
  const credit = fc
    .record({
      id: name('credit', 6),
      type: fc.constantFrom('purchase' as const, 'bonus' as const, 'allocation' as const),
      bucket: fc.constantFrom(...BUCKET_KINDS),
      amount: fc.integer({ min: 1, max: 5_000 }),
      expiresAt: end,
    })
    .map(
      (operation): Told => ({ kind: 'credit', operation: { ...operation, tenantId, reference, reason: '' } }),
    );
  const debit = fc
    .record({ id: name('debit', 4), amount })
    .map(
      (operation): Told => ({ kind: 'debit', operation: { ...operation, tenantId, reference, reason: '' } }),
    );
  const refund = fc
    .record({
      id: name('refund', 5),
      creditId: name('credit', 6),
      amount: fc.integer({ min: 1, max: 3_000 }),
    })
    .map(
      (operation): Told => ({ kind: 'refund', operation: { ...operation, tenantId, reference, reason: '' } }),
    );
  const revoke = fc
    .record({ id: name('revoke', 4), creditId: name('credit', 6) })
    .map(
      (operation): Told => ({ kind: 'revoke', operation: { ...operation, tenantId, reference, reason: '' } }),
    );
  const reserve = fc
    .record({ id: name('hold', 8), amount, expiresAt: end })
    .map((operation): Told => ({ kind: 'reserve', operation: { ...operation, tenantId, reference } }));
  const settle = fc
    .record({ id: name('hold', 8), cost: fc.integer({ min: 0, max: 1_500 }) })
    .map(
      (operation): Told => ({ kind: 'settle', operation: { ...operation, tenantId, reference, reason: '' } }),
    );
  const release = fc
    .record({ id: name('hold', 8) })
    .map(({ id }): Told => ({ kind: 'release', operation: { id, tenantId } }));
  const sync = fc
    .record({
      leaseId: name('lease', 3),
      settlements: fc.array(fc.record({ callId: name('call', 20), cost: amount }), { maxLength: 4 }),
      held: fc.nat(500),
      more: fc.nat(500),
      ahead: fc.nat(2_000),
    })
    .map(
      ({ leaseId, settlements, held, more, ahead }): Told => ({
        kind: 'sync',
        operation: {
          tenantId,
          leaseId,
          settlements,
          held,
          needed: held + more,
          wanted: held + more + ahead,
        },
      }),
    );
  return fc.oneof(
    { weight: 4, arbitrary: credit },
    { weight: 1, arbitrary: debit },
    { weight: 2, arbitrary: refund },
    { weight: 2, arbitrary: revoke },
    { weight: 5, arbitrary: reserve },
    { weight: 4, arbitrary: settle },
    { weight: 3, arbitrary: release },
    { weight: 5, arbitrary: sync },
    { weight: 1, arbitrary: fc.constant<Told>({ kind: 'look', operation: null }) },
  );
}
