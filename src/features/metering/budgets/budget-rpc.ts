import type { BudgetPeriod, BudgetScope } from '../../../contracts/budgets.ts';
import type { Outcome } from '../../../platform/errors.ts';
import type { LeaseAnswer } from '../credit-leases.ts';
import type { CreditQuestion } from '../tenant-ledger.ts';

/** A budget as its owner made it. Amounts in whole nano-dollars, times in milliseconds. */
export interface Budget {
  readonly id: string;
  readonly name: string;
  readonly scope: BudgetScope;
  /** The member's, key's or provider key's id; null for the whole tenant. */
  readonly subject: string | null;
  readonly period: BudgetPeriod;
  readonly limit: number;
  /** Whether calls beyond it are refused. */
  readonly hard: boolean;
  readonly createdAt: number;
}

/** How a budget stands in its present period. */
export interface BudgetStanding extends Budget {
  readonly spent: number;
  readonly start: number;
  readonly end: number;
}

/** What an isolate or a run says of a budget, and asks of it; as `CreditQuestion`. */
export interface BudgetQuestion extends Omit<CreditQuestion, 'beforeMarkup'> {
  readonly budgetId: string;
}

export type BudgetChanges = Partial<Pick<Budget, 'name' | 'limit' | 'hard'>>;

/** What `TenantLedger` answers over RPC about budgets. */
export interface BudgetRpc {
  budgets(tenantId: string): Promise<Outcome<readonly BudgetStanding[]>>;
  /** Makes a budget, once by its id. Throws `invalid_parameter` beyond `MAX_BUDGETS`. */
  createBudget(tenantId: string, budget: Budget): Promise<Outcome<BudgetStanding>>;
  /** Throws `not_found`. */
  changeBudget(tenantId: string, id: string, changes: BudgetChanges): Promise<Outcome<BudgetStanding>>;
  /** Throws `not_found`. */
  deleteBudget(tenantId: string, id: string): Promise<Outcome<BudgetStanding>>;
  /** Counts calls, each once, and lends within the budget; without bound where it is soft, or was deleted. Asked twice, it counts once. */
  lendBudget(question: BudgetQuestion): Promise<Outcome<LeaseAnswer>>;
}
