import { eq } from 'drizzle-orm';
import { REFERRAL_TERMS, type ReferralVerdict } from '../../../contracts/referrals.ts';
import { tenantDb } from '../../../platform/db.ts';
import { ParallaxError, unwrap } from '../../../platform/errors.ts';
import { fromUsd } from '../../../platform/money.ts';
import { recordAudit, SYSTEM } from '../../audit/index.ts';
import { personMarks } from '../../identity/index.ts';
import { callLedger, requireTenant } from '../../metering/index.ts';
import type { BillingContext } from '../context.ts';
import { claimOf, type ReferralClaim } from './claim.ts';
import {
  concerns,
  type FirstPayment,
  firstPayment,
  nextStep,
  type SeenPayment,
  samePeople,
} from './referral.ts';
import { bonusWithin, comesOnce, ownerOf, paidElsewhere, peopleOf } from './referrers.ts';
import { billingCards, referralClaims } from './schema.ts';
import { type BonusLedger, tellBonus } from './tell-bonus.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Stripe counts in seconds: what was paid in the second of the claim came after it. */
const SECOND_MS = 1_000;
/** Looks that decide at the same moment decide again; more than that many at once do not happen, and the event comes again. */
const TRIES = 5;

/**
 * What a payment means for the referral by which its tenant came, if it did. The claim's row decides first and the ledgers follow: stopped in between, the next look
 * or cron tells them. May be repeated, in any order.
 */
export async function lookAtReferral(
  context: BillingContext,
  tenantId: string,
  seen: SeenPayment,
  card: string | null,
): Promise<void> {
  const { env, clock } = context;
  const db = tenantDb(env.DB, { tenantId });
  if (card !== null) await db.insert(billingCards, [{ fingerprint: card, seenAt: clock.now() }]);
  for (let i = 0; i < TRIES; i++) {
    const claim = await claimOf(context, tenantId);
    if (claim === undefined) return;
    if (await decide(context, claim, seen, card)) return tellReferral(context, tenantId);
  }
  throw new ParallaxError('unavailable', 'A referral is being decided by others.', { retryAfterMs: 1_000 });
}

/** Writes down what follows from a payment; false when the claim was changed meanwhile. */
async function decide(
  context: BillingContext,
  claim: ReferralClaim,
  seen: SeenPayment,
  card: string | null,
): Promise<boolean> {
  const before = paymentOf(claim);
  if (!concerns(before, seen)) return true;
  const verdict = before?.id === seen.id ? before.verdict : await verdictOf(context, claim, seen, card);
  const payment = firstPayment(before, seen, verdict);
  const step = nextStep(claim.step, payment);
  const now = context.clock.now();
  const { tenantId } = claim;
  const first =
    step > 0 && claim.step === 0
      ? {
          earnedAt: now,
          referredNano: fromUsd(REFERRAL_TERMS.referredUsd),
          referrerNano: bonusWithin(
            claim.referrerId,
            monthBegin(now),
            REFERRAL_TERMS.mostAMonth,
            fromUsd(REFERRAL_TERMS.referrerUsd),
          ),
        }
      : {};
  const changed = await tenantDb(context.env.DB, { tenantId }).update(
    referralClaims,
    {
      paymentId: payment?.id ?? null,
      paidAt: payment?.paidAt ?? null,
      verdict: payment?.verdict ?? null,
      leftCents: payment?.leftCents ?? null,
      asOf: payment?.asOf ?? null,
      step,
      version: claim.version + 1,
      ...first,
    },
    eq(referralClaims.version, claim.version),
  );
  return changed > 0;
}

/** Whether a payment brings a bonus, or why it does not. */
async function verdictOf(
  { env, config }: BillingContext,
  { tenantId, referrerId, claimedAt }: ReferralClaim,
  { paidAt }: SeenPayment,
  card: string | null,
): Promise<ReferralVerdict> {
  if (paidAt + SECOND_MS <= claimedAt) return 'paid_before';
  if (samePeople(await peopleOf(env, referrerId), await peopleOf(env, tenantId))) return 'self';
  if (card !== null && (await paidElsewhere(env, tenantId, card))) return 'card';
  const owner = await ownerOf(env, tenantId);
  if (owner === null) return 'self';
  return (await comesOnce(env, tenantId, await personMarks(config, owner.email))) ? 'counts' : 'known_person';
}

/** Tells both ledgers how a referral stands. A referrer that is gone gets nothing. May be repeated. */
export async function tellReferral(context: BillingContext, tenantId: string): Promise<void> {
  const { env, clock, log } = context;
  const claim = await claimOf(context, tenantId);
  if (claim === undefined || claim.told >= claim.step) return;
  const { id: referralId, referrerId, step } = claim;
  const expiresAt = (claim.earnedAt ?? claim.claimedAt) + REFERRAL_TERMS.bonusDays * DAY_MS;
  const sides = [
    { tenantId, side: 'referred', amount: claim.referredNano },
    { tenantId: referrerId, side: 'referrer', amount: claim.referrerNano },
  ] as const;
  for (const side of sides) {
    if (!(await isThere(env, side.tenantId))) continue;
    await tellBonus(ledgerOf(env, side.tenantId), { ...side, referralId, expiresAt, step }, clock.now());
    await recordAudit(
      { env, clock, log, principal: { tenantId: side.tenantId, actor: SYSTEM } },
      {
        action: step % 2 === 1 ? 'referral.earned' : 'referral.taken_back',
        object: { type: 'referral', id: referralId },
      },
    );
  }
  await tenantDb(env.DB, { tenantId }).update(referralClaims, { told: step }, eq(referralClaims.step, step));
}

function ledgerOf(env: Env, tenantId: string): BonusLedger {
  return {
    credit: async (operation) =>
      unwrap(await callLedger(env, tenantId, (ledger) => ledger.credit(operation))),
    revoke: async (operation) =>
      unwrap(await callLedger(env, tenantId, (ledger) => ledger.revoke(operation))),
  };
}

async function isThere(env: Env, tenantId: string): Promise<boolean> {
  try {
    await requireTenant(env.DB, tenantId);
    return true;
  } catch (error) {
    if (error instanceof ParallaxError && error.code === 'not_found') return false;
    throw error;
  }
}

function paymentOf({ paymentId, paidAt, verdict, leftCents, asOf }: ReferralClaim): FirstPayment | null {
  if (paymentId === null || paidAt === null || verdict === null || leftCents === null || asOf === null)
    return null;
  return { id: paymentId, paidAt, verdict, leftCents, asOf };
}

/** The begin of a time's calendar month, UTC. */
export function monthBegin(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
