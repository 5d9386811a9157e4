/** Metering: what calls use and cost. Credit that is lent to isolates, usage events, and their way into the database. */
import type { Operation } from '../../platform/http/operation.ts';
import { createBudget, deleteBudget, getBudget, listBudgets, updateBudget } from './routes/budgets.ts';
import { changeCredits } from './routes/change-credits.ts';
import { exportUsage } from './routes/export-usage.ts';
import { getCredits } from './routes/get-credits.ts';
import { getQuota } from './routes/get-quota.ts';
import { listDeadLettersOperation } from './routes/list-dead-letters.ts';
import { listTransactions } from './routes/list-transactions.ts';
import { listUsage } from './routes/list-usage.ts';
import { markUnlimited } from './routes/mark-unlimited.ts';
import { rebuildUsage } from './routes/rebuild-usage.ts';
import { replayDeadLettersOperation } from './routes/replay-dead-letters.ts';
import { usageSummary } from './routes/usage-summary.ts';

export {
  type AnswerCredit,
  AnswerLimit,
  type CostOf,
  CREDIT_ENDED,
  CREDIT_LIMIT,
  chargedOf,
  holdUpTo,
  payable,
  tokensWithin,
} from './answer-limit.ts';
export { boundBy, budgetsOf, isUnreachable, readBudgets } from './budgets/bounding.ts';
export {
  type BudgetAlert,
  type BudgetAlertMessage,
  budgetAlertMessageSchema,
} from './budgets/budget-alert.ts';
export { budgetPeriodOf } from './budgets/budget-period.ts';
export type * from './budgets/budget-rpc.ts';
export { budgetExceeded, IN_BUDGET_PERIOD } from './budgets/refusal.ts';
export {
  consumeUsage,
  type SumStatements,
  writeUsage,
  writtenBy,
} from './consume-usage.ts';
export { countSaid } from './count-said.ts';
export { type CreditHold, CreditLeases, type LeaseAnswer } from './credit-leases.ts';
export { keepDeadLetters, listDeadLetters, replayDeadLetters } from './dead-letters.ts';
export type * from './ledger-operations.ts';
export { CREDIT_LEASE_MS, inTurn, lendCredit } from './lend-credit.ts';
export { type CallCost, type CallHold, holdAll, type Lender, type Wish } from './lenders.ts';
export { type CallNeed, createMeter, type Meter, type MeterEnv, type MeterHold } from './meter.ts';
export { consumeLedger, mirrorRow } from './mirror/consume-ledger.ts';
export { type LedgerMessage, messageOf, TRANSACTIONS_PER_MESSAGE } from './mirror/message.ts';
export { ledgerTransactions } from './mirror/schema.ts';
export { type OpeningCredit, openingCredit } from './opening-credit.ts';
export { type Produced, producedUsage } from './produced-usage.ts';
export { monthOf } from './quotas/month.ts';
export type * from './quotas/quota-rpc.ts';
export { quotaView } from './quotas/quota-view.ts';
export { quotaExceeded } from './quotas/refusal.ts';
export { readQuotas, settleUses, takeUses } from './quotas/take-uses.ts';
export { requireTenant } from './require-tenant.ts';
export { usageEvents } from './schema.ts';
export {
  type CreditAnswer,
  type CreditQuestion,
  callLedger,
  type Settlement,
  type TenantLedgerRpc,
} from './tenant-ledger.ts';
export { forgetOldUsage } from './usage/forget.ts';
export type { UsageMessage } from './usage-buffer.ts';
export * from './usage-event.ts';
export { createReadUsage, type ReadUsage, type UsageReport } from './usage-report.ts';

export const meteringOperations: readonly Operation[] = [
  listUsage,
  usageSummary,
  exportUsage,
  getCredits,
  listTransactions,
  getQuota,
  listBudgets,
  createBudget,
  getBudget,
  updateBudget,
  deleteBudget,
  changeCredits,
  markUnlimited,
  listDeadLettersOperation,
  replayDeadLettersOperation,
  rebuildUsage,
];
