import { z } from 'zod';

/** The one table of what referrals bring, and to whom not. Money in dollars where it says so, in cents where Stripe counts. */
export const REFERRAL_TERMS = {
  /** Bonus credit of who sent somebody, and of who came. */
  referrerUsd: 5,
  referredUsd: 5,
  /** After so many days what is left of a bonus ends. */
  bonusDays: 180,
  /** How long after a tenant and its owner's account were made a code can be given, in days. */
  claimDays: 30,
  /** Most that one tenant is given bonuses for in a calendar month (UTC). */
  mostAMonth: 20,
  /** The first payment of at least so much counts, and only while so much of it is not given back. */
  leastPaymentCents: 1_000,
} as const;

/** Where a referral stands: nothing was paid yet, the bonus is there, it was taken back with the payment, or the payment was none that counts. */
export const REFERRAL_STATUSES = ['waiting', 'earned', 'taken_back', 'not_counted'] as const;
export type ReferralStatus = (typeof REFERRAL_STATUSES)[number];

/** Why a first payment brings no bonus. */
export const REFERRAL_VERDICTS = ['counts', 'self', 'card', 'known_person', 'paid_before'] as const;
export type ReferralVerdict = (typeof REFERRAL_VERDICTS)[number];

/** Letters and digits that are not mistaken for each other. */
export const REFERRAL_CODE_CHARACTERS = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
export const REFERRAL_CODE_LENGTH = 10;

/** A code as somebody may write it. */
export const referralCode = z
  .string()
  .trim()
  .toUpperCase()
  .regex(new RegExp(`^[${REFERRAL_CODE_CHARACTERS}]{${REFERRAL_CODE_LENGTH}}$`), {
    error: `must be a code of ${REFERRAL_CODE_LENGTH} letters and digits`,
  });

/** Body of `POST /v1/referrals/claim`. */
export const claimReferralRequestSchema = z
  .strictObject({ code: referralCode })
  .meta({ id: 'ClaimReferralRequest' });

const nano = z.int().meta({ description: 'Whole nano-dollars (1e-9 USD).' });

const referralSchema = z
  .object({
    id: z.string(),
    object: z.literal('referral'),
    status: z.enum(REFERRAL_STATUSES),
    earned_nano_usd: nano,
    came_at: z.iso.datetime(),
  })
  .meta({ id: 'Referral' });

/** Answer of `GET /v1/referrals` and of the claim. */
export const referralsSchema = z
  .object({
    object: z.literal('referrals'),
    code: z.string(),
    link: z.url().meta({ description: 'The page where somebody new signs up with the code.' }),
    terms: z.object({
      referrer_usd: z.number(),
      referred_usd: z.number(),
      bonus_days: z.int(),
      claim_days: z.int(),
      most_a_month: z.int(),
      least_payment_cents: z.int(),
    }),
    earned_nano_usd: nano.meta({ description: 'By all who came, without what was taken back.' }),
    earned_this_month: z.int().meta({ description: 'How many of this calendar month brought a bonus.' }),
    data: z
      .array(referralSchema)
      .meta({ description: 'Who came with the code, the newest 50 first. Who they are is not said.' }),
    claim: referralSchema.nullable().meta({ description: 'By whose code this tenant came itself.' }),
    can_claim_until: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'Until when another’s code can be given here; null when it cannot.' }),
  })
  .meta({ id: 'Referrals' });
