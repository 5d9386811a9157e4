import type { SubscriptionStatus } from '../../contracts/billing.ts';
import type { PlanId } from '../../contracts/plans.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long a plan holds after a payment failed. */
export const GRACE_MS = 7 * DAY_MS;

/** A subscription as Stripe has it now. Times in milliseconds. */
export interface SeenSubscription {
  readonly id: string;
  /** Stripe's word. */
  readonly status: string;
  /** Null where its price is none of our plans'. */
  readonly plan: PlanId | null;
  readonly seats: number;
  readonly created: number;
  readonly anchorAt: number;
  readonly periodEnd: number | null;
  readonly cancelAtPeriodEnd: boolean;
  /** When the invoice was made that is not paid; null when none is open. */
  readonly openInvoiceAt: number | null;
}

export interface SubscriptionDecision {
  readonly subscriptionId: string | null;
  readonly status: SubscriptionStatus;
  /** What holds now. */
  readonly plan: PlanId;
  readonly seats: number;
  /** The begin of a paid month; null where none was ever paid: the tenant's months stay as they are. */
  readonly anchorAt: number | null;
  readonly periodEnd: number | null;
  readonly cancelAtPeriodEnd: boolean;
  readonly graceUntil: number | null;
  /** Others that are paid for besides one that is paid: they are ended. */
  readonly surplus: readonly string[];
}

/** Which plan holds, given all subscriptions of a tenant as they stand at Stripe and the time. Pure. */
export function decideSubscription(all: readonly SeenSubscription[], now: number): SubscriptionDecision {
  const ours = all
    .filter(({ plan }) => plan !== null)
    .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
  const living = ours.filter(({ status }) => LIVING.has(status));
  const one = living[0] ?? ours.at(-1);
  if (one === undefined || one.plan === null)
    return { ...NOTHING, subscriptionId: null, status: 'none', anchorAt: null, surplus: [] };
  const lives = living[0] !== undefined;
  const graceUntil = lives && one.status === 'past_due' ? (one.openInvoiceAt ?? now) + GRACE_MS : null;
  const holds = lives && (graceUntil === null || now < graceUntil);
  return {
    subscriptionId: one.id,
    status: statusOf(one.status),
    plan: holds ? one.plan : 'free',
    seats: holds ? Math.max(1, one.seats) : 1,
    anchorAt: one.anchorAt,
    periodEnd: lives ? one.periodEnd : null,
    cancelAtPeriodEnd: lives && one.cancelAtPeriodEnd,
    graceUntil,
    // Beside one whose payment failed they are left alone: the newer may be what pays.
    surplus: one.status === 'past_due' ? [] : living.slice(1).map(({ id }) => id),
  };
}

const NOTHING = {
  plan: 'free',
  seats: 1,
  periodEnd: null,
  cancelAtPeriodEnd: false,
  graceUntil: null,
} as const;

const LIVING: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due']);

function statusOf(status: string): SubscriptionStatus {
  if (status === 'active' || status === 'trialing') return 'active';
  if (status === 'past_due') return 'past_due';
  return status === 'incomplete' ? 'incomplete' : 'ended';
}
