import { tenantDb } from '../../platform/db.ts';
import { callLedger, ledgerTransactions } from '../metering/index.ts';
import type { ReconciliationEnv } from './tenant-rows.ts';

/**
 * Deletes a tenant's mirror and has the ledger send everything. In this order: what is on its way meanwhile is right, and what was sent before is not
 * deleted after. Stopped in between, the rows are missing, and the next comparison sends them.
 */
export async function writeMirrorAnew(env: ReconciliationEnv, tenantId: string): Promise<void> {
  await tenantDb(env.DB, { tenantId }).delete(ledgerTransactions, undefined);
  await callLedger(env, tenantId, (ledger) => ledger.mirrorAnew(tenantId));
}
