import type { z } from 'zod';
import type {
  BudgetView,
  budgetListSchema,
  createBudgetRequestSchema,
  updateBudgetRequestSchema,
} from '../../../src/contracts/budgets.ts';
import { ask } from './client.ts';

export type NewBudget = z.input<typeof createBudgetRequestSchema>;
export type BudgetChanges = z.input<typeof updateBudgetRequestSchema>;

const at = (id: string) => `/v1/budgets/${encodeURIComponent(id)}`;

export const listBudgets = (signal?: AbortSignal) =>
  ask<z.infer<typeof budgetListSchema>>('GET', '/v1/budgets', { signal });

export const createBudget = (body: NewBudget) => ask<BudgetView>('POST', '/v1/budgets', { body });

export const updateBudget = (id: string, body: BudgetChanges) => ask<BudgetView>('PATCH', at(id), { body });

export const deleteBudget = (id: string) => ask<{ id: string }>('DELETE', at(id));
