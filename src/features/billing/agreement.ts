import type { AGREED_PLANS } from '../../contracts/billing.ts';
import type { PlanId } from '../../contracts/plans.ts';

/** What an operator put a tenant on. Times in milliseconds. */
export interface Agreement {
  /** Null: what was agreed before is over. */
  readonly plan: (typeof AGREED_PLANS)[number] | null;
  readonly seats: number;
  /** Null: not by itself. */
  readonly endsAt: number | null;
}

/** An agreement that names a plan. */
export type InForce = Agreement & { readonly plan: NonNullable<Agreement['plan']> };

/** A plan that holds, as far as the ledger is told of it. */
export interface HeldPlan {
  readonly plan: PlanId;
  readonly seats: number;
  /** The begin of a paid month; null: the tenant's months stay as they are. */
  readonly anchorAt: number | null;
}

/** The agreement that holds at a time, given the newest; null where none does. It holds up to its end, and not at it. Pure. */
export function inForce<One extends Agreement>(newest: One | undefined, now: number): (One & InForce) | null {
  if (newest === undefined || newest.plan === null) return null;
  return newest.endsAt === null || now < newest.endsAt ? { ...newest, plan: newest.plan } : null;
}

/**
 * Which plan holds: what was agreed, while it is in force, else what is paid for. An agreement stands above a subscription in both directions, so that one says what
 * it is worth by reading it alone; months go on as the subscription counts them. Pure.
 */
export function heldPlan(paidFor: HeldPlan, agreement: InForce | null): HeldPlan {
  if (agreement === null) return paidFor;
  const { plan, seats } = agreement;
  return { plan, seats, anchorAt: paidFor.anchorAt };
}
