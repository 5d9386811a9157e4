import { desc, eq, lte } from 'drizzle-orm';
import type { AgreePlanRequest } from '../../contracts/billing.ts';
import { PLANS } from '../../contracts/plans.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError, unwrap } from '../../platform/errors.ts';
import { callLedger } from '../metering/index.ts';
import { type HeldPlan, heldPlan, type InForce, inForce } from './agreement.ts';
import type { BillingContext } from './context.ts';
import { billingAgreements } from './schema.ts';

export type StoredAgreement = typeof billingAgreements.$inferSelect;

/** What was agreed with a tenant and holds now; null where nothing does. */
export async function agreementOf(
  { env, clock }: Pick<BillingContext, 'env' | 'clock'>,
  tenantId: string,
): Promise<(StoredAgreement & InForce) | null> {
  const [newest] = await tenantDb(env.DB, { tenantId }).select(billingAgreements, {
    where: undefined,
    orderBy: [desc(billingAgreements.createdAt), desc(billingAgreements.id)],
    limit: 1,
  });
  return inForce(newest, clock.now());
}

/**
 * Writes down what was agreed, once by `onceKey`: told again it changes nothing, however late. Throws `ParallaxError` `idempotency_mismatch` for other content,
 * `invalid_parameter` for an end that has passed and for seats of a plan that has none.
 */
export async function storeAgreement(
  { env, clock }: Pick<BillingContext, 'env' | 'clock'>,
  tenantId: string,
  { plan, seats, ends_at, reason }: AgreePlanRequest,
  onceKey: string,
): Promise<void> {
  if (plan !== null && !PLANS[plan].perSeat && seats !== 1)
    throw new ParallaxError('invalid_parameter', '`seats`: this plan is for one person.', { param: 'seats' });
  const db = tenantDb(env.DB, { tenantId });
  const id = `${tenantId}:${onceKey}`;
  const endsAt = ends_at === undefined ? null : Date.parse(ends_at);
  const wanted = { plan, seats, endsAt, reason };
  const now = clock.now();
  const before = await db.first(billingAgreements, eq(billingAgreements.id, id));
  if (before === undefined && endsAt !== null && endsAt <= now)
    throw new ParallaxError('invalid_parameter', '`ends_at`: has passed already.', { param: 'ends_at' });
  await db.insert(billingAgreements, [{ id, ...wanted, createdAt: now, dueAt: now }]);
  const stored = await db.first(billingAgreements, eq(billingAgreements.id, id));
  const same =
    stored?.plan === plan && stored.seats === seats && stored.endsAt === endsAt && stored.reason === reason;
  if (!same)
    throw new ParallaxError('idempotency_mismatch', 'This Idempotency-Key was used for another agreement.');
}

/**
 * Tells the ledger which plan holds, given what is paid for as of a time. What was agreed is read after that time: whoever writes an agreement and then tells
 * the ledger is either seen here, or tells it of a later time.
 */
export async function tellPlan(
  { env, clock }: Pick<BillingContext, 'env' | 'clock'>,
  tenantId: string,
  paidFor: HeldPlan,
  { id, asOf }: { readonly id: string; readonly asOf: number },
): Promise<void> {
  const held = heldPlan(paidFor, await agreementOf({ env, clock }, tenantId));
  unwrap(await callLedger(env, tenantId, (ledger) => ledger.setPlan({ tenantId, id, ...held, asOf })));
  const db = tenantDb(env.DB, { tenantId });
  // Those whose beginning was due wait for their end; those whose end was due are done.
  const due = await db.select(billingAgreements, { where: lte(billingAgreements.dueAt, asOf), limit: 100 });
  for (const one of due) {
    const dueAt = one.endsAt !== null && one.endsAt > asOf ? one.endsAt : null;
    await db.update(billingAgreements, { dueAt }, eq(billingAgreements.id, one.id));
  }
}

/** Throws `ParallaxError` `conflict` while a plan was agreed on: what is paid for besides it would change nothing. */
export async function refuseAgreed(
  context: Pick<BillingContext, 'env' | 'clock'>,
  tenantId: string,
): Promise<void> {
  if ((await agreementOf(context, tenantId)) !== null)
    throw new ParallaxError(
      'conflict',
      'Your plan was agreed on with whoever runs this, and another would change nothing while it holds. Write to them.',
    );
}
