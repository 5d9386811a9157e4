import { z } from 'zod';

/** What a budget bounds: all that the tenant spends, or what one member, API key or provider key spends of it. */
export const BUDGET_SCOPES = ['tenant', 'member', 'key', 'provider_key'] as const;
export type BudgetScope = (typeof BUDGET_SCOPES)[number];

/** Calendar days, weeks from Monday and months, in UTC. */
export const BUDGET_PERIODS = ['daily', 'weekly', 'monthly'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

/** Percent of a budget at which somebody is told, once a period each. */
export const ALERT_PERCENTS = [50, 80, 90, 100] as const;

/** Most budgets of a tenant. */
export const MAX_BUDGETS = 200;

const usd = z.number().meta({ description: 'US dollars.' });
const nanoUsd = z.int().meta({ description: 'The same exactly, in whole nano-dollars (1e-9 USD).' });

/** An amount in whole cents, above 0. */
const limitUsd = z
  .number()
  .min(0.01)
  .max(1_000_000)
  .refine((value) => Math.abs(value * 100 - Math.round(value * 100)) < 1e-6, {
    message: 'must be whole cents',
  })
  .meta({ description: 'What may be spent in a period: US dollars, in whole cents.', example: 50 });

const name = z.string().trim().min(1).max(80);
const hard = z.boolean().meta({
  description: 'True: calls beyond it are refused. False: it counts and tells.',
});

export const budgetSchema = z
  .object({
    id: z.string(),
    object: z.literal('budget'),
    name: z.string(),
    scope: z.enum(BUDGET_SCOPES),
    subject: z.string().nullable().meta({
      description: 'The id of the member, API key or provider key; null for the whole tenant.',
    }),
    period: z.enum(BUDGET_PERIODS),
    limit_usd: usd,
    hard,
    spent_usd: usd.meta({
      description:
        'In the present period: charges on the platform’s keys, the providers’ prices on your own.',
    }),
    spent_nano_usd: nanoUsd,
    remaining_usd: usd,
    period_start: z.iso.datetime(),
    resets_at: z.iso.datetime(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Budget' });

export type BudgetView = z.infer<typeof budgetSchema>;

/** Not paged: a tenant has `MAX_BUDGETS` at most. */
export const budgetListSchema = z.object({ object: z.literal('list'), data: z.array(budgetSchema) });

export const createBudgetRequestSchema = z
  .strictObject({
    name,
    scope: z.enum(BUDGET_SCOPES).default('tenant'),
    subject: z.string().min(1).max(100).optional().meta({
      description: 'Whom or what it bounds, by id. Not for the scope `tenant`.',
    }),
    period: z.enum(BUDGET_PERIODS).default('monthly'),
    limit_usd: limitUsd,
    hard: hard.default(true),
  })
  .refine(({ scope, subject }) => (scope === 'tenant') === (subject === undefined), {
    path: ['subject'],
    message: 'must be the id of the member or key, and is left out for the scope `tenant`',
  });

export const updateBudgetRequestSchema = z
  .strictObject({ name, limit_usd: limitUsd, hard })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, { message: 'must change something' });

export const deletedBudgetSchema = z.object({
  id: z.string(),
  object: z.literal('budget'),
  deleted: z.literal(true),
});
