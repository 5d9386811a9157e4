import { and, eq, gte, ne } from 'drizzle-orm';
import { tenantDb } from '../../platform/db.ts';
import { unwrap } from '../../platform/errors.ts';
import { callLedger } from '../metering/index.ts';
import { nanoOfCents } from './amounts.ts';
import type { BillingContext } from './context.ts';
import { billingTopUpCharges, billingTopUps } from './schema.ts';
import { monthOf } from './top-up.ts';

export type TopUpRow = typeof billingTopUps.$inferSelect;
export type TopUpCharge = typeof billingTopUpCharges.$inferSelect;
type StoreContext = Pick<BillingContext, 'env' | 'clock'>;

/** A month has fewer charges than this: the smallest is five dollars, and refusals are far apart. */
const MOST_CHARGES = 25_000;

export function topUpSettings({ env }: Pick<BillingContext, 'env'>, tenantId: string) {
  return tenantDb(env.DB, { tenantId }).first(billingTopUps, undefined);
}

/** The payment that is under way, of which there is one at most. */
export function openCharge({ env }: Pick<BillingContext, 'env'>, tenantId: string) {
  return tenantDb(env.DB, { tenantId }).first(
    billingTopUpCharges,
    eq(billingTopUpCharges.status, 'under_way'),
  );
}

/** Cents charged in this month, what is under way included, but for one. */
export async function chargedThisMonth(
  { env, clock }: StoreContext,
  tenantId: string,
  except = '',
): Promise<number> {
  const charges = await tenantDb(env.DB, { tenantId }).select(billingTopUpCharges, {
    where: and(
      gte(billingTopUpCharges.createdAt, monthOf(clock.now())),
      ne(billingTopUpCharges.status, 'failed'),
      ne(billingTopUpCharges.id, except),
    ),
    limit: MOST_CHARGES,
  });
  return charges.reduce((sum, { amountCents }) => sum + amountCents, 0);
}

/** A payment has arrived: it is not under way any more, and the refusals before it are forgotten. May be repeated. */
export async function markToppedUp(
  { env }: Pick<BillingContext, 'env'>,
  tenantId: string,
  chargeId: string,
  paymentId: string,
): Promise<void> {
  const db = tenantDb(env.DB, { tenantId });
  const changed = await db.update(
    billingTopUpCharges,
    { status: 'paid', paymentId },
    and(eq(billingTopUpCharges.id, chargeId), ne(billingTopUpCharges.status, 'paid')),
  );
  if (changed > 0) await db.update(billingTopUps, { failures: 0, retryAt: null }, undefined);
}

/** Tells the ledger from which credit on it is to speak up. */
export async function watchCredit(
  { env }: Pick<BillingContext, 'env'>,
  tenantId: string,
  thresholdCents: number | null,
  asOf: number,
): Promise<void> {
  const threshold = thresholdCents === null ? null : nanoOfCents(thresholdCents);
  unwrap(await callLedger(env, tenantId, (ledger) => ledger.setWatch({ tenantId, threshold, asOf })));
}
