import { PLANS, type PlanId, type QuotaId } from '../../../contracts/plans.ts';
import { iso } from '../../../platform/clock.ts';
import { ParallaxError } from '../../../platform/errors.ts';

/** A quota that has not enough left. */
export interface ShortQuota {
  readonly plan: PlanId;
  readonly quota: QuotaId;
  readonly limit: number;
  readonly used: number;
  readonly needed: number;
  /** When it starts anew, in milliseconds. */
  readonly resetsAt: number;
}

/** What is said to who needs more of a quota than is left: which, the figures, when it starts anew, and what to do. Pure. */
export function quotaExceeded({ plan, quota, limit, used, needed, resetsAt }: ShortQuota): ParallaxError {
  const things = NAMES[quota];
  const day = iso(resetsAt).slice(0, 10);
  const left = Math.max(0, limit - used);
  const short =
    left === 0
      ? `The ${PLANS[plan].name} plan’s ${limit} ${things} of this month are used up.`
      : `This needs ${needed} ${things}, and ${left} of the ${PLANS[plan].name} plan’s ${limit} are left this month.`;
  const instead = quota === 'messages' ? '' : ', ask models of another tier';
  return new ParallaxError(
    'quota_exceeded',
    `${short} They start anew on ${day}. Until then upgrade the plan${instead}, or use your own provider key, which no quota counts.`,
    { details: { quota, limit, used, needed, resets_at: iso(resetsAt) } },
  );
}

const NAMES: Readonly<Record<QuotaId, string>> = {
  messages: 'messages',
  perspectives_premium: 'perspectives of premium models',
  perspectives_normal: 'perspectives of normal models',
  perspectives_eco: 'perspectives of eco models',
};
