/** Reconciliation: whether the ledgers, their mirror, usage and payments say the same. */
import type { Operation } from '../../platform/http/operation.ts';
import { getDifferences } from './routes/list-differences.ts';
import { postReconcile } from './routes/reconcile.ts';

export { continueReconciliation, reconcile } from './reconcile.ts';

export const reconciliationOperations: readonly Operation[] = [postReconcile, getDifferences];
