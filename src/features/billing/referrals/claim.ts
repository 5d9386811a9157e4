import {
  REFERRAL_CODE_CHARACTERS,
  REFERRAL_CODE_LENGTH,
  REFERRAL_TERMS,
} from '../../../contracts/referrals.ts';
import { tenantDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { newId } from '../../../platform/ids.ts';
import { recordAudit, SYSTEM } from '../../audit/index.ts';
import { dropSignUpCode, type SignUpCode, signUpCodeOf } from '../../identity/index.ts';
import type { BillingContext } from '../context.ts';
import { billingPurchases } from '../schema.ts';
import { samePeople } from './referral.ts';
import { ownerOf, peopleOf, tenantOfCode } from './referrers.ts';
import { referralClaims, referralCodes } from './schema.ts';

const DAY_MS = 24 * 60 * 60_000;
/** More tries than it ever takes to find a code that nobody has. */
const TRIES = 5;

export type ReferralClaim = typeof referralClaims.$inferSelect;

/** A tenant's code, made when it is first asked for. */
export async function codeOf(
  { env, clock }: Pick<BillingContext, 'env' | 'clock'>,
  tenantId: string,
): Promise<string> {
  const db = tenantDb(env.DB, { tenantId });
  for (let i = 0; i < TRIES; i++) {
    const row = await db.first(referralCodes, undefined);
    if (row !== undefined) return row.code;
    await db.insert(referralCodes, [{ code: randomCode(), createdAt: clock.now() }]);
  }
  throw new Error('no referral code could be made');
}

function randomCode(): string {
  let code = '';
  // Bytes beyond the last whole round of characters are left out, so that each is as likely as another.
  const most = 256 - (256 % REFERRAL_CODE_CHARACTERS.length);
  while (code.length < REFERRAL_CODE_LENGTH) {
    const [byte = 255] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < most) code += REFERRAL_CODE_CHARACTERS.charAt(byte % REFERRAL_CODE_CHARACTERS.length);
  }
  return code;
}

/** By whose code a tenant came; undefined for most. */
export function claimOf({ env }: Pick<BillingContext, 'env'>, tenantId: string) {
  return tenantDb(env.DB, { tenantId }).first(referralClaims, undefined);
}

/** Until when a tenant may give a code, in milliseconds; null when it may not any more. */
export async function claimableUntil(
  context: Pick<BillingContext, 'env' | 'clock'>,
  tenantId: string,
): Promise<number | null> {
  const { env, clock } = context;
  const [owner, claim, paid] = await Promise.all([
    ownerOf(env, tenantId),
    claimOf(context, tenantId),
    tenantDb(env.DB, { tenantId }).first(billingPurchases, undefined),
  ]);
  if (owner === null || claim !== undefined || paid !== undefined) return null;
  const end = Math.min(owner.personSince, owner.tenantSince) + REFERRAL_TERMS.claimDays * DAY_MS;
  return clock.now() < end ? end : null;
}

/**
 * Writes down by whose code a tenant came. Once: the same code told again changes nothing. Throws `ParallaxError` `not_found` for no code, `conflict` with a `reason`
 * in its details: `claimed`, `own`, `too_late`, `paid`, `unproven`.
 */
export async function claimReferral(
  context: Pick<BillingContext, 'env' | 'clock' | 'log'>,
  tenantId: string,
  code: string,
): Promise<void> {
  const referrerId = await requireReferrer(context, tenantId, code);
  const before = await claimOf(context, tenantId);
  if (before?.referrerId === referrerId) return;
  if (before !== undefined) throw refused('claimed', 'You have given a code already: there is one for each.');
  const paid = await tenantDb(context.env.DB, { tenantId }).first(billingPurchases, undefined);
  if (paid !== undefined)
    throw refused('paid', 'Codes are given before the first payment, and there has been one.');
  if ((await claimableUntil(context, tenantId)) === null)
    throw refused(
      'too_late',
      `Codes are given within ${REFERRAL_TERMS.claimDays} days after account and tenant were made.`,
    );
  await store(context, tenantId, referrerId, context.clock.now());
}

/** The same for the code of a sign-up, which nobody waits for: what is refused is forgotten. May be repeated. */
export async function claimOfSignUp(
  context: Pick<BillingContext, 'env' | 'clock' | 'log'>,
  sign: SignUpCode,
): Promise<void> {
  const { tenantId, code, at } = sign;
  try {
    const referrerId = await requireReferrer(context, tenantId, code);
    if ((await claimOf(context, tenantId)) === undefined) await store(context, tenantId, referrerId, at);
  } catch (error) {
    if (!(error instanceof ParallaxError) || !['not_found', 'conflict'].includes(error.code)) throw error;
    context.log.info('a code of a sign-up brings nothing', { tenant: tenantId, reason: error.message });
  }
  await dropSignUpCode(context.env, sign);
}

/** Sees to it that a code of a tenant's sign-up is looked at before anything is decided by its claim. */
export async function settleSignUp(
  context: Pick<BillingContext, 'env' | 'clock' | 'log'>,
  tenantId: string,
): Promise<void> {
  const sign = await signUpCodeOf(context.env, tenantId);
  if (sign !== null) await claimOfSignUp(context, sign);
}

/** The tenant whose code it is, where that is somebody else. */
async function requireReferrer(
  { env }: Pick<BillingContext, 'env'>,
  tenantId: string,
  code: string,
): Promise<string> {
  const referrerId = await tenantOfCode(env, code);
  if (referrerId === null)
    throw new ParallaxError('not_found', 'There is no such code. Ask for it again: a letter may be wrong.', {
      param: 'code',
    });
  const own = () => refused('own', 'This code is your own: it is for others.');
  if (referrerId === tenantId) throw own();
  const owner = await ownerOf(env, tenantId);
  if (owner?.emailVerified !== true)
    throw refused('unproven', 'The owner’s e-mail address has to be confirmed first.');
  if (samePeople(await peopleOf(env, referrerId), await peopleOf(env, tenantId))) throw own();
  return referrerId;
}

async function store(
  { env, clock, log }: Pick<BillingContext, 'env' | 'clock' | 'log'>,
  tenantId: string,
  referrerId: string,
  claimedAt: number,
): Promise<void> {
  const id = newId('referral', claimedAt);
  await tenantDb(env.DB, { tenantId }).insert(referralClaims, [{ id, referrerId, claimedAt }]);
  await recordAudit(
    { env, clock, log, principal: { tenantId, actor: SYSTEM } },
    { action: 'referral.claimed', object: { type: 'referral', id } },
  );
}

function refused(reason: string, message: string): ParallaxError {
  return new ParallaxError('conflict', message, { details: { reason } });
}
