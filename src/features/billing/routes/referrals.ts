import { claimReferralRequestSchema, REFERRAL_TERMS, referralsSchema } from '../../../contracts/referrals.ts';
import { iso } from '../../../platform/clock.ts';
import type { AppContext } from '../../../platform/http/context.ts';
import { operation } from '../../../platform/http/operation.ts';
import { ownOrigin } from '../../identity/index.ts';
import { claimableUntil, claimOf, claimReferral, codeOf, settleSignUp } from '../referrals/claim.ts';
import { monthBegin } from '../referrals/look-at-referral.ts';
import { statusOf } from '../referrals/referral.ts';
import { cameWith, earnedBy } from '../referrals/referrers.ts';
import { contextOf, TAG } from './context-of.ts';

/** Most referrals that are shown. */
const SHOWN = 50;

export const getReferrals = operation({
  operationId: 'getReferrals',
  method: 'get',
  path: '/v1/referrals',
  tag: TAG,
  summary: 'Your code, who came with it, and what it earned',
  access: { kind: 'principal', permission: 'billing:read' },
  responses: { 200: { description: 'As it stands.', schema: referralsSchema } },
  handler: async ({ c, principal }) => c.json(await view(c, principal.tenantId)),
});

export const postClaimReferral = operation({
  operationId: 'claimReferral',
  method: 'post',
  path: '/v1/referrals/claim',
  tag: TAG,
  summary: 'Say by whose code you came',
  description:
    'Before the first payment, and within the days of the terms. Both sides get a bonus when you pay for the first time. The same code told again changes nothing.',
  access: { kind: 'principal', permission: 'billing:write' },
  body: claimReferralRequestSchema,
  responses: { 200: { description: 'As it stands now.', schema: referralsSchema } },
  errors: [404, 409],
  async handler({ c, principal, body }) {
    const { tenantId } = principal;
    await settleSignUp(contextOf(c), tenantId);
    await claimReferral(contextOf(c), tenantId, body.code);
    return c.json(await view(c, tenantId));
  },
});

async function view(c: AppContext, tenantId: string) {
  const context = contextOf(c);
  await settleSignUp(context, tenantId);
  const { env, clock, config } = context;
  const [code, claim, until, came, earned] = await Promise.all([
    codeOf(context, tenantId),
    claimOf(context, tenantId),
    claimableUntil(context, tenantId),
    cameWith(env, tenantId, SHOWN),
    earnedBy(env, tenantId, monthBegin(clock.now())),
  ]);
  const one = (
    row: {
      readonly id: string;
      readonly step: number;
      readonly paymentId: string | null;
      readonly claimedAt: number;
    },
    nano: number,
  ) => ({
    id: row.id,
    object: 'referral' as const,
    status: statusOf(row.step, row.paymentId === null ? null : { id: row.paymentId }),
    earned_nano_usd: row.step % 2 === 1 ? nano : 0,
    came_at: iso(row.claimedAt),
  });
  return {
    object: 'referrals' as const,
    code,
    link: `${ownOrigin(c.req.raw, config)}/sign-up?ref=${code}`,
    terms: {
      referrer_usd: REFERRAL_TERMS.referrerUsd,
      referred_usd: REFERRAL_TERMS.referredUsd,
      bonus_days: REFERRAL_TERMS.bonusDays,
      claim_days: REFERRAL_TERMS.claimDays,
      most_a_month: REFERRAL_TERMS.mostAMonth,
      least_payment_cents: REFERRAL_TERMS.leastPaymentCents,
    },
    earned_nano_usd: earned.nano,
    earned_this_month: earned.lately,
    data: came.map((row) => one(row, row.referrerNano)),
    claim: claim === undefined ? null : one(claim, claim.referredNano),
    can_claim_until: until === null ? null : iso(until),
  };
}
