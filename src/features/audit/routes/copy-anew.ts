import { z } from 'zod';
import { auditSettingsSchema } from '../../../contracts/audit.ts';
import { operation } from '../../../platform/http/operation.ts';
import { callAuditChain } from '../audit-chain.ts';
import { recordAudit } from '../record.ts';
import { operatorAuditOf } from '../request-context.ts';

export const copyAuditAnew = operation({
  operationId: 'copyAuditAnew',
  method: 'post',
  path: '/v1/operator/tenants/{id}/audit/copy',
  tag: 'Operator',
  summary: 'Write the copy of a tenant’s audit log anew',
  description:
    'For a copy that differs from the chain, as `GET /v1/audit/verify` finds it. The chain itself is not touched.',
  access: { kind: 'operator' },
  params: z.object({ id: z.string().regex(/^ten_[0-9A-HJKMNP-TV-Z]{26}$/) }),
  responses: { 200: { description: 'It is written.', schema: auditSettingsSchema } },
  errors: [503],
  async handler({ c, params: { id } }) {
    await callAuditChain(c.env, id, (chain) => chain.copyAnew(id));
    await recordAudit(operatorAuditOf(c, id), {
      action: 'audit.copied_anew',
      object: { type: 'audit', id },
    });
    const { retentionDays, legalHold, entries } = await callAuditChain(c.env, id, (chain) =>
      chain.settings(id),
    );
    return c.json({
      object: 'audit_settings',
      retention_days: retentionDays,
      legal_hold: legalHold,
      entries,
    });
  },
});
