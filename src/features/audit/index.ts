/** Audit: what was done in a tenant, by whom, in a chain that shows when it was tampered with. */
import type { Operation } from '../../platform/http/operation.ts';
import { copyAuditAnew } from './routes/copy-anew.ts';
import { exportAuditEntries } from './routes/export-entries.ts';
import { listAuditEntries } from './routes/list-entries.ts';
import { changeAuditSettings, getAuditSettings } from './routes/settings.ts';
import { verifyAuditChain } from './routes/verify.ts';

export {
  type AuditChainRpc,
  type AuditSettings,
  type ChainEnds,
  type Checkpoint,
  callAuditChain,
} from './audit-chain.ts';
export { beginningOf, type ChainPlace, link } from './chain.ts';
export { consumeAudit } from './consume.ts';
export { deleteCopy, writeCopy } from './copy.ts';
export { type Actor, type AuditEntry, type NewAuditEntry, OPERATOR, SYSTEM } from './entry.ts';
export { type AuditContext, type AuditedAction, type AuditMessage, recordAudit } from './record.ts';
export { auditOf, operatorAuditOf } from './request-context.ts';
export { auditEntries } from './schema.ts';
export { Sealer } from './seal.ts';

export const auditOperations: readonly Operation[] = [
  listAuditEntries,
  exportAuditEntries,
  verifyAuditChain,
  getAuditSettings,
  changeAuditSettings,
  copyAuditAnew,
];
