import { auditSettingsRequestSchema, auditSettingsSchema } from '../../../contracts/audit.ts';
import { unwrap } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { type AuditSettings, callAuditChain } from '../audit-chain.ts';
import { recordAudit } from '../record.ts';
import { auditOf } from '../request-context.ts';

const view = ({ retentionDays, legalHold, entries }: AuditSettings & { readonly entries: number }) => ({
  object: 'audit_settings' as const,
  retention_days: retentionDays,
  legal_hold: legalHold,
  entries,
});

export const getAuditSettings = operation({
  operationId: 'getAuditSettings',
  method: 'get',
  path: '/v1/audit/settings',
  tag: 'Audit',
  summary: 'How long entries are kept',
  access: { kind: 'principal', permission: 'audit:read' },
  responses: { 200: { description: 'The settings.', schema: auditSettingsSchema } },
  errors: [503],
  async handler({ c, principal: { tenantId } }) {
    return c.json(view(await callAuditChain(c.env, tenantId, (chain) => chain.settings(tenantId))));
  },
});

export const changeAuditSettings = operation({
  operationId: 'changeAuditSettings',
  method: 'patch',
  path: '/v1/audit/settings',
  tag: 'Audit',
  summary: 'Change how long entries are kept',
  description:
    'Entries past their age are deleted; a sealed checkpoint stands for them, so that the rest can still be checked. While a legal hold is on nothing is deleted. The change itself is recorded.',
  access: { kind: 'principal', permission: 'audit:manage' },
  body: auditSettingsRequestSchema,
  responses: { 200: { description: 'The settings.', schema: auditSettingsSchema } },
  errors: [503],
  async handler({ c, principal, body }) {
    const { tenantId } = principal;
    const { entries: _, ...before } = await callAuditChain(c.env, tenantId, (chain) =>
      chain.settings(tenantId),
    );
    const change = {
      ...(body.retention_days === undefined ? {} : { retentionDays: body.retention_days }),
      ...(body.legal_hold === undefined ? {} : { legalHold: body.legal_hold }),
    };
    const changed = unwrap(
      await callAuditChain(c.env, tenantId, (chain) => chain.changeSettings(tenantId, change)),
    );
    const { entries: __, ...after } = changed;
    await recordAudit(auditOf(c, principal), {
      action: 'audit.settings_changed',
      object: { type: 'audit', id: tenantId },
      before,
      after,
    });
    return c.json(view(changed));
  },
});
