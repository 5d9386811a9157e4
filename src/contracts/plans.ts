import type { Tier } from './models.ts';

export const PLAN_IDS = ['free', 'pro', 'team', 'enterprise'] as const;
export type PlanId = (typeof PLAN_IDS)[number];

/** What is counted a month: messages, and answers of perspectives by the tier of their model. */
export const QUOTA_KINDS = ['messages', 'premium', 'normal', 'eco'] as const satisfies readonly (
  | 'messages'
  | Tier
)[];
export type QuotaKind = (typeof QUOTA_KINDS)[number];

/** What a person does; each has a rate of its own. */
export const RATED_OPERATIONS = ['models', 'perspectives', 'cli', 'memory_extraction'] as const;
export type RatedOperation = (typeof RATED_OPERATIONS)[number];

/** A token bucket: so many requests an hour, and so many of them at once. */
export interface Rate {
  readonly perHour: number;
  readonly burst: number;
}

/** What a plan costs and gives. Money in dollars. */
export interface Plan {
  readonly id: PlanId;
  readonly name: string;
  /** For whom it is, in a line. */
  readonly summary: string;
  /** A month; per seat where `perSeat`. Null: by agreement. */
  readonly priceUsd: number | null;
  readonly perSeat: boolean;
  /** Credit that comes with each month and ends with it; per seat where `perSeat`. */
  readonly monthlyCreditUsd: number;
  /** Credit that a tenant begins with, once. */
  readonly openingCreditUsd: number;
  /** What is added to a provider's price on the platform's keys, in hundredths of a percent (1,000 = 10 %). Own keys: nothing. */
  readonly markupBasisPoints: number;
  /** How many a month, per seat where `perSeat`; null: as many as credit and rates allow. */
  readonly quotas: Readonly<Record<QuotaKind, number | null>>;
  /** What each person in it may do. */
  readonly rates: Readonly<Record<RatedOperation, Rate>>;
  /** Tokens a minute of each person, prompt and answer together. */
  readonly tokensPerMinute: number;
  /** Whether coding agents on people's own machines may be reached. */
  readonly bridge: boolean;
}

const PERSPECTIVES: Rate = { perHour: 100, burst: 10 };
const CLI: Rate = { perHour: 200, burst: 20 };
const MEMORY_EXTRACTION: Rate = { perHour: 20, burst: 5 };
const rates = (perMinute: number, burst: number): Plan['rates'] => ({
  models: { perHour: perMinute * 60, burst },
  perspectives: PERSPECTIVES,
  cli: CLI,
  memory_extraction: MEMORY_EXTRACTION,
});

const UNCOUNTED: Plan['quotas'] = { messages: null, premium: null, normal: null, eco: null };

/** The one table of plans: the ledger, the limiter, the pages and `npm run stripe:sync` read it. */
export const PLANS: Readonly<Record<PlanId, Plan>> = {
  free: {
    id: 'free',
    name: 'Free',
    summary: 'To try every model with a dollar of credit, or with your own keys.',
    priceUsd: 0,
    perSeat: false,
    monthlyCreditUsd: 0,
    openingCreditUsd: 1,
    markupBasisPoints: 1_000,
    quotas: { messages: 200, premium: 30, normal: 150, eco: 600 },
    rates: rates(60, 12),
    tokensPerMinute: 200_000,
    bridge: false,
  },
  pro: {
    id: 'pro',
    name: 'Pro',
    summary: 'For one person who works with models every day.',
    priceUsd: 20,
    perSeat: false,
    monthlyCreditUsd: 5,
    openingCreditUsd: 0,
    markupBasisPoints: 1_000,
    quotas: UNCOUNTED,
    rates: rates(300, 60),
    tokensPerMinute: 1_000_000,
    bridge: true,
  },
  team: {
    id: 'team',
    name: 'Team',
    summary: 'For people who share models, memory and one bill.',
    priceUsd: 25,
    perSeat: true,
    monthlyCreditUsd: 5,
    openingCreditUsd: 0,
    markupBasisPoints: 1_000,
    quotas: UNCOUNTED,
    rates: rates(600, 120),
    tokensPerMinute: 2_000_000,
    bridge: true,
  },
  enterprise: {
    id: 'enterprise',
    name: 'Enterprise',
    summary: 'Limits, terms and prices by agreement.',
    priceUsd: null,
    perSeat: true,
    monthlyCreditUsd: 0,
    openingCreditUsd: 0,
    markupBasisPoints: 500,
    quotas: UNCOUNTED,
    rates: rates(3_000, 600),
    tokensPerMinute: 10_000_000,
    bridge: true,
  },
};

/** Credit that is sold at once. A dollar paid is a dollar of credit: what the platform earns is the plan's markup, when it is spent. */
export interface CreditPack {
  readonly id: string;
  readonly priceUsd: number;
}

export const CREDIT_PACKS: readonly CreditPack[] = [
  { id: 'pack_20', priceUsd: 20 },
  { id: 'pack_40', priceUsd: 40 },
  { id: 'pack_90', priceUsd: 90 },
];
/** Least and most dollars of credit bought at a time, in any whole cents. */
export const CREDIT_PURCHASE_USD = { least: 5, most: 10_000 } as const;
