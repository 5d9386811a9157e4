import { z } from 'zod';
import { BUDGET_PERIODS } from '../../contracts/budgets.ts';
import { QUOTA_IDS } from '../../contracts/plans.ts';
import { USAGE_GROUPS, USAGE_PERIODS, type UsageFigures, type UsageGroup } from '../../contracts/usage.ts';
import type { UsageReport } from '../../features/metering/index.ts';
import { tool } from '../tool.ts';
import { FIELD_WORDS, TOOL_WORDS } from '../wording.ts';

const input = z.strictObject({
  period: z.enum(USAGE_PERIODS).default('30d').describe(FIELD_WORDS.usagePeriod),
  group_by: z.enum(USAGE_GROUPS).optional(),
  limit: z.int().min(1).max(50).default(10).describe(FIELD_WORDS.usageLimit),
});

const figures = {
  calls: z.int(),
  success_rate: z.number().nullable(),
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: z.number(),
  charge_usd: z.number(),
};

const output = z.object({
  of: z.enum(['tenant', 'user']),
  from: z.string(),
  to: z.string(),
  totals: z.object(figures),
  groups: z.array(z.object({ name: z.string().nullable(), ...figures })),
  credit: z.object({
    available_usd: z.number(),
    reserved_usd: z.number(),
    owed_usd: z.number(),
    unlimited: z.boolean(),
  }),
  plan: z.string(),
  quotas: z.array(z.object({ id: z.enum(QUOTA_IDS), limit: z.int(), used: z.int(), remaining: z.int() })),
  quotas_reset_at: z.string(),
  budgets: z.array(
    z.object({
      name: z.string(),
      period: z.enum(BUDGET_PERIODS),
      limit_usd: z.number(),
      spent_usd: z.number(),
      remaining_usd: z.number(),
      hard: z.boolean(),
      resets_at: z.string(),
    }),
  ),
});
type Output = z.output<typeof output>;

export const getUsage = tool({
  name: 'get_usage',
  ...TOOL_WORDS.get_usage,
  permission: 'usage:read',
  annotations: { readOnlyHint: true, openWorldHint: false },
  input,
  output,
  async run({ period, group_by, limit }, { principal, usage }) {
    const report = await usage(principal, {
      period,
      groupBy: group_by === undefined ? [] : [group_by],
      limit,
    });
    const structured = usageAnswer(report, group_by);
    return { kind: 'answer', structured, text: usageText(structured), links: [] };
  },
});

function usageAnswer(
  { usage, credits, quotas, budgets }: UsageReport,
  groupBy: UsageGroup | undefined,
): Output {
  return {
    of: usage.of,
    from: usage.from,
    to: usage.to,
    totals: figuresOf(usage.totals),
    groups: usage.groups.map(({ group, ...own }) => ({
      // Null is what has no such thing (a browser has no key), `other` what did not fit.
      name: group === null ? 'other' : groupBy === undefined ? null : (group[groupBy] ?? null),
      ...figuresOf(own),
    })),
    credit: {
      available_usd: credits.available_usd,
      reserved_usd: credits.reserved_usd,
      owed_usd: credits.owed_usd,
      unlimited: credits.unlimited,
    },
    plan: quotas.plan,
    // A quota without a limit is none.
    quotas: quotas.data.flatMap(({ id, limit, used, remaining }) =>
      limit === null ? [] : [{ id, limit, used: used ?? 0, remaining: remaining ?? 0 }],
    ),
    quotas_reset_at: quotas.period_end,
    budgets: budgets.map(({ name, period, limit_usd, spent_usd, remaining_usd, hard, resets_at }) => ({
      name,
      period,
      limit_usd,
      spent_usd,
      remaining_usd,
      hard,
      resets_at,
    })),
  };
}

function figuresOf(one: UsageFigures): Output['totals'] {
  const { calls, success_rate, input_tokens, output_tokens, cost_usd, charge_usd } = one;
  return { calls, success_rate, input_tokens, output_tokens, cost_usd, charge_usd };
}

/** The same in lines, as a person would be told. */
function usageText(structured: Output): string {
  const { of, from, to, totals, groups, credit, plan, quotas, quotas_reset_at, budgets } = structured;
  const whose = of === 'tenant' ? 'Everybody in the tenant' : 'You';
  const owed = credit.owed_usd > 0 ? ` $${dollars(credit.owed_usd)} is owed.` : '';
  return [
    `${whose}, ${from.slice(0, 10)} to ${to.slice(0, 10)} (UTC): ${line(totals)}`,
    ...groups.map(({ name, ...own }) => `- ${name ?? 'none'}: ${line(own)}`),
    credit.unlimited
      ? `Credit: unlimited.${owed}`
      : `Credit: $${dollars(credit.available_usd)} available, $${dollars(credit.reserved_usd)} held.${owed}`,
    quotas.length === 0
      ? `Plan ${plan}: no quotas.`
      : `Plan ${plan}, until ${quotas_reset_at}: ${quotas.map(({ id, limit, remaining }) => `${remaining} of ${limit} ${id} left`).join(', ')}.`,
    ...budgets.map(
      ({ name, limit_usd, remaining_usd, hard, resets_at }) =>
        `Budget “${name}”, until ${resets_at}: $${dollars(remaining_usd)} of $${dollars(limit_usd)} left; ${hard ? 'what does not fit is refused' : 'it only counts'}.`,
    ),
  ].join('\n');
}

function line({
  calls,
  success_rate,
  input_tokens,
  output_tokens,
  cost_usd,
  charge_usd,
}: Output['totals']): string {
  const succeeded = success_rate === null ? '' : ` (${Math.round(success_rate * 1000) / 10} % succeeded)`;
  return `${calls} calls${succeeded}, ${input_tokens} tokens in, ${output_tokens} out, cost $${dollars(cost_usd)}, charged $${dollars(charge_usd)}`;
}

/** Six places at most: calls cost fractions of a cent. */
function dollars(usd: number): string {
  return usd.toFixed(6).replace(/(\.\d\d\d*?)0+$/, '$1');
}
