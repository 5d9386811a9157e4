import { z } from 'zod';
import { BUDGET_PERIODS, BUDGET_SCOPES } from '../../../contracts/budgets.ts';

const time = z.int();
const amount = z.int().nonnegative();

/** That a budget came so far: what the ledger says to the queue, once a period for each percentage. Nano-dollars and milliseconds. */
export const budgetAlertMessageSchema = z.object({
  version: z.literal(1),
  kind: z.literal('budget_alert'),
  tenantId: z.string(),
  alert: z.object({
    budgetId: z.string(),
    name: z.string(),
    scope: z.enum(BUDGET_SCOPES),
    subject: z.string().nullable(),
    period: z.enum(BUDGET_PERIODS),
    hard: z.boolean(),
    percent: z.int(),
    spent: amount,
    limit: amount,
    start: time,
    end: time,
    at: time,
  }),
});
export type BudgetAlertMessage = z.infer<typeof budgetAlertMessageSchema>;
export type BudgetAlert = BudgetAlertMessage['alert'];
