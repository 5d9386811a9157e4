import { and, asc, eq, gt, gte, inArray, isNull, lt, lte, or, sql } from 'drizzle-orm';
import { tenantDb } from '../../platform/db.ts';
import { billingPurchases, STRIPE_SOURCE } from '../billing/index.ts';
import { callLedger, type LedgerTransaction, ledgerTransactions, usageEvents } from '../metering/index.ts';
import type { MirrorRow } from './compare.ts';
import type { PurchaseRow } from './compare-purchases.ts';
import { type DifferenceRow, reconciliationDifferences } from './schema.ts';

export type ReconciliationEnv = Pick<Env, 'DB' | 'TENANT_LEDGER'>;
export type EventRow = typeof usageEvents.$inferSelect;

/** Most transactions of one page, and rows of the mirror beside it. */
export const PAGE = 500;
/** Most payments and subscriptions' invoices of a tenant that are compared: a month's invoice for eighty years, and a pack a day for three. */
const MOST_PURCHASES = 2_000;
/** Open differences of a tenant that are looked at again in one visit, those that were not for the longest time first. */
const LOOKED_AT_AGAIN = 200;

/** Rows of the mirror with numbers in a range, both ends included. One more than there can be, as a mirror can also have too many. */
export function mirrorBetween(
  env: ReconciliationEnv,
  tenantId: string,
  first: number,
  last: number,
): Promise<MirrorRow[]> {
  return tenantDb(env.DB, { tenantId }).select(ledgerTransactions, {
    where: and(gte(ledgerTransactions.seq, first), lte(ledgerTransactions.seq, last)),
    orderBy: asc(ledgerTransactions.seq),
    limit: last - first + 2,
  });
}

/** Rows of the mirror with a number above one. */
export function mirrorBeyond(env: ReconciliationEnv, tenantId: string, seq: number): Promise<MirrorRow[]> {
  return tenantDb(env.DB, { tenantId }).select(ledgerTransactions, {
    where: gt(ledgerTransactions.seq, seq),
    orderBy: asc(ledgerTransactions.seq),
    limit: PAGE,
  });
}

export async function eventsNamed(
  env: ReconciliationEnv,
  tenantId: string,
  ids: readonly string[],
): Promise<EventRow[]> {
  if (ids.length === 0) return [];
  return tenantDb(env.DB, { tenantId }).select(usageEvents, {
    where: sql`${usageEvents.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
    limit: ids.length,
  });
}

/** Events that charge something, within a time, in the order of their time and id, behind a place. */
export function chargedEvents(
  env: ReconciliationEnv,
  tenantId: string,
  time: { readonly from: number; readonly to: number },
  after: { readonly at: number; readonly id: string },
): Promise<EventRow[]> {
  return tenantDb(env.DB, { tenantId }).select(usageEvents, {
    where: and(
      gte(usageEvents.at, Math.max(time.from, after.at)),
      lt(usageEvents.at, time.to),
      gt(usageEvents.chargeNano, 0),
      or(gt(usageEvents.at, after.at), gt(usageEvents.id, after.id)),
    ),
    orderBy: [asc(usageEvents.at), asc(usageEvents.id)],
    limit: PAGE,
  });
}

export function purchasesOf(env: ReconciliationEnv, tenantId: string): Promise<PurchaseRow[]> {
  return tenantDb(env.DB, { tenantId }).select(billingPurchases, {
    where: undefined,
    limit: MOST_PURCHASES,
  });
}

/** All transactions of a tenant's ledger that payments caused. */
export async function paymentTransactions(
  env: ReconciliationEnv,
  tenantId: string,
): Promise<LedgerTransaction[]> {
  const all: LedgerTransaction[] = [];
  for (let after = ''; ; ) {
    const some = await callLedger(env, tenantId, (ledger) =>
      ledger.transactionsOfSource(tenantId, STRIPE_SOURCE, after, PAGE),
    );
    all.push(...some);
    const last = some.at(-1);
    if (some.length < PAGE || last === undefined) return all;
    after = last.id;
  }
}

export function openDifferences(env: ReconciliationEnv, tenantId: string): Promise<DifferenceRow[]> {
  return tenantDb(env.DB, { tenantId }).select(reconciliationDifferences, {
    where: isNull(reconciliationDifferences.resolvedAt),
    orderBy: asc(reconciliationDifferences.lastSeenAt),
    limit: LOOKED_AT_AGAIN,
  });
}

/** Marks differences that were looked at again and are gone. */
export async function resolve(
  env: ReconciliationEnv,
  tenantId: string,
  gone: readonly Pick<DifferenceRow, 'kind' | 'subject'>[],
  now: number,
): Promise<void> {
  const db = tenantDb(env.DB, { tenantId });
  for (const kind of new Set(gone.map((one) => one.kind))) {
    const subjects = gone.filter((one) => one.kind === kind).map(({ subject }) => subject);
    for (let at = 0; at < subjects.length; at += 50) {
      await db.update(
        reconciliationDifferences,
        { resolvedAt: now },
        and(
          eq(reconciliationDifferences.kind, kind),
          inArray(reconciliationDifferences.subject, subjects.slice(at, at + 50)),
        ),
      );
    }
  }
}
