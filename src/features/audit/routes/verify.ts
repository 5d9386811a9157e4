import { auditVerificationSchema, auditVerifyQuerySchema } from '../../../contracts/audit.ts';
import { operation } from '../../../platform/http/operation.ts';
import { verifyAudit } from '../verify.ts';

export const verifyAuditChain = operation({
  operationId: 'verifyAudit',
  method: 'get',
  path: '/v1/audit/verify',
  tag: 'Audit',
  summary: 'Check that nothing in the audit log was changed',
  description:
    'Recomputes every hash from the beginning or the last checkpoint, checks the sealed ends, and compares the copy that lists are read from. Up to 20,000 entries at a time: ask again with `next_cursor` while there is one.',
  access: { kind: 'principal', permission: 'audit:read' },
  query: auditVerifyQuerySchema,
  responses: { 200: { description: 'What was found.', schema: auditVerificationSchema } },
  errors: [503],
  async handler({ c, principal, query }) {
    return c.json(await verifyAudit(c.env, c.var.config, principal.tenantId, query.cursor));
  },
});
