export const PLAN_IDS = ['free', 'pro', 'team', 'enterprise'] as const;
export type PlanId = (typeof PLAN_IDS)[number];

/** What is limited by a rate. A new kind of request is a name here and a line in each plan. */
export const LIMITED_OPERATIONS = ['models', 'perspectives'] as const;
export type LimitedOperation = (typeof LIMITED_OPERATIONS)[number];

/** How often something may be asked: so many in a minute or an hour, refilled evenly, and so many at once. */
export interface Rate {
  readonly count: number;
  readonly per: 'minute' | 'hour';
  readonly burst: number;
}

/** What is counted by the month: messages, and model calls of runs by the tier of their model. Null in a plan: as many as there is credit for. */
export const QUOTA_IDS = [
  'messages',
  'perspectives_premium',
  'perspectives_normal',
  'perspectives_eco',
] as const;
export type QuotaId = (typeof QUOTA_IDS)[number];

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
  /** Credit that a person's first tenant begins with on this plan; it ends after `OPENING_CREDIT_DAYS`. Tenants begin on the free plan. */
  readonly openingCreditUsd: number;
  /** What is added to a provider's price on the platform's keys, in hundredths of a percent (1,000 = 10 %). Own keys: nothing. */
  readonly markupBasisPoints: number;
  /** Of each member, in this tenant, with all their keys and apps together. `LIMIT_*` settings stand above them. */
  readonly rates: Readonly<Record<LimitedOperation, Rate>>;
  /** Tokens of requests of models, in and out, of each member in this tenant. `LIMIT_TOKENS_PER_MINUTE` stands above it. */
  readonly tokens: Rate;
  /** Of the tenant in a month, on the platform's keys. Null: not limited. */
  readonly quotas: Readonly<Record<QuotaId, number | null>>;
}

/** What is paid for is bounded by its credit alone. */
const NO_QUOTAS: Readonly<Record<QuotaId, number | null>> = {
  messages: null,
  perspectives_premium: null,
  perspectives_normal: null,
  perspectives_eco: null,
};

/** Runs are the same on every plan that is sold: each is several calls. */
const RUNS: Rate = { count: 100, per: 'hour', burst: 10 };

/**
 * Requests of one person of every kind and in all their tenants together: what nobody needs, and what keeps one person's programs from taking the machine
 * of everybody's.
 */
export const SAFETY_RATE: Rate = { count: 12_000, per: 'minute', burst: 2_400 };

/** A tenth is added unless a plan says otherwise. */
export const USUAL_MARKUP_BASIS_POINTS = 1_000;

/** Days after which what is left of the opening credit ends. */
export const OPENING_CREDIT_DAYS = 90;

/** The one table of plans: the ledger, billing and `npm run stripe:sync` read it. */
export const PLANS: Readonly<Record<PlanId, Plan>> = {
  free: {
    id: 'free',
    name: 'Free',
    summary: 'To try every model, or to work with your own keys.',
    priceUsd: 0,
    perSeat: false,
    monthlyCreditUsd: 0,
    openingCreditUsd: 1,
    markupBasisPoints: USUAL_MARKUP_BASIS_POINTS,
    rates: { models: { count: 60, per: 'minute', burst: 20 }, perspectives: RUNS },
    tokens: { count: 250_000, per: 'minute', burst: 500_000 },
    quotas: { messages: 200, perspectives_premium: 20, perspectives_normal: 100, perspectives_eco: 300 },
  },
  pro: {
    id: 'pro',
    name: 'Pro',
    summary: 'For one person who works with models every day.',
    priceUsd: 20,
    perSeat: false,
    monthlyCreditUsd: 5,
    openingCreditUsd: 0,
    markupBasisPoints: USUAL_MARKUP_BASIS_POINTS,
    rates: { models: { count: 600, per: 'minute', burst: 120 }, perspectives: RUNS },
    tokens: { count: 1_000_000, per: 'minute', burst: 2_000_000 },
    quotas: NO_QUOTAS,
  },
  team: {
    id: 'team',
    name: 'Team',
    summary: 'For people who share models and one bill.',
    priceUsd: 25,
    perSeat: true,
    monthlyCreditUsd: 5,
    openingCreditUsd: 0,
    markupBasisPoints: USUAL_MARKUP_BASIS_POINTS,
    rates: { models: { count: 1_200, per: 'minute', burst: 240 }, perspectives: RUNS },
    tokens: { count: 2_000_000, per: 'minute', burst: 4_000_000 },
    quotas: NO_QUOTAS,
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
    rates: {
      models: { count: 6_000, per: 'minute', burst: 1_200 },
      perspectives: { count: 1_000, per: 'hour', burst: 100 },
    },
    tokens: { count: 10_000_000, per: 'minute', burst: 20_000_000 },
    quotas: NO_QUOTAS,
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
