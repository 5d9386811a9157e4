import { and, eq, isNotNull, isNull, lt, lte, sql } from 'drizzle-orm';
import type { Clock } from '../../platform/clock.ts';
import { platformDb } from '../../platform/db.ts';
import type { Flag } from './purchase.ts';
import {
  billingAgreements,
  billingCheckouts,
  billingCustomers,
  billingFlags,
  billingSubscriptions,
  billingTopUpCharges,
} from './schema.ts';

/** Questions that begin with Stripe's id and end with a tenant's: the only way from a payment to whom it belongs. */

type DbEnv = Pick<Env, 'DB'>;

/** The tenant of a customer, as we wrote it down; null for one that is none of ours. */
export async function tenantOfCustomer(env: DbEnv, customerId: string): Promise<string | null> {
  const [row] = await platformDb(env.DB)
    .select({ tenantId: billingCustomers.tenantId })
    .from(billingCustomers)
    .where(eq(billingCustomers.id, customerId))
    .limit(1);
  return row?.tenantId ?? null;
}

/** The tenant whose checkout a session is, as we wrote it down. */
export async function tenantOfCheckout(env: DbEnv, sessionId: string): Promise<string | null> {
  const [row] = await platformDb(env.DB)
    .select({ tenantId: billingCheckouts.tenantId })
    .from(billingCheckouts)
    .where(eq(billingCheckouts.id, sessionId))
    .limit(1);
  return row?.tenantId ?? null;
}

/** The automatic purchase that a payment says it is, as we wrote it down; null for one that is none of ours. */
export async function topUpCharge(
  env: DbEnv,
  id: string,
): Promise<{ readonly tenantId: string; readonly amountCents: number } | null> {
  const [row] = await platformDb(env.DB)
    .select({ tenantId: billingTopUpCharges.tenantId, amountCents: billingTopUpCharges.amountCents })
    .from(billingTopUpCharges)
    .where(eq(billingTopUpCharges.id, id))
    .limit(1);
  return row ?? null;
}

/** Marks a customer as deleted at Stripe; the next purchase makes another. */
export async function markDeleted(env: DbEnv, customerId: string, clock: Clock): Promise<void> {
  await platformDb(env.DB)
    .update(billingCustomers)
    .set({ deletedAt: clock.now() })
    .where(and(eq(billingCustomers.id, customerId), isNull(billingCustomers.deletedAt)));
}

/** Customers whose grace has ended while their plan still holds. */
export async function pastGrace(env: DbEnv, now: number): Promise<string[]> {
  const rows = await platformDb(env.DB)
    .select({ id: billingCustomers.id })
    .from(billingSubscriptions)
    .innerJoin(billingCustomers, eq(billingCustomers.tenantId, billingSubscriptions.tenantId))
    .where(
      and(
        isNotNull(billingSubscriptions.graceUntil),
        lt(billingSubscriptions.graceUntil, now),
        sql`${billingSubscriptions.plan} <> 'free'`,
        isNull(billingCustomers.deletedAt),
      ),
    )
    .limit(50);
  return rows.map(({ id }) => id);
}

/** Tenants whose ledger has to be told of what was agreed on, or of its end. */
export async function dueAgreements(env: DbEnv, now: number): Promise<string[]> {
  const rows = await platformDb(env.DB)
    .selectDistinct({ tenantId: billingAgreements.tenantId })
    .from(billingAgreements)
    .where(lte(billingAgreements.dueAt, now))
    .limit(50);
  return rows.map(({ tenantId }) => tenantId);
}

/** Keeps what a person should look at, once. */
export async function keepFlags(env: DbEnv, flags: readonly Flag[], clock: Clock): Promise<void> {
  if (flags.length === 0) return;
  const rows = flags.map((flag) => ({
    id: `${flag.kind}:${flag.objectId}`,
    ...flag,
    createdAt: clock.now(),
  }));
  await platformDb(env.DB).insert(billingFlags).values(rows).onConflictDoNothing();
}

/** The newest flags first. */
export function listFlags(env: DbEnv, limit: number): Promise<(typeof billingFlags.$inferSelect)[]> {
  return platformDb(env.DB)
    .select()
    .from(billingFlags)
    .orderBy(sql`${billingFlags.createdAt} DESC, ${billingFlags.id}`)
    .limit(limit);
}
