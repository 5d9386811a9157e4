import { auditExportQuerySchema } from '../../../contracts/audit.ts';
import { operation } from '../../../platform/http/operation.ts';
import { exportEntries } from '../export.ts';
import { recordAudit } from '../record.ts';
import { auditOf } from '../request-context.ts';

export const exportAuditEntries = operation({
  operationId: 'exportAuditEntries',
  method: 'get',
  path: '/v1/audit/export',
  tag: 'Audit',
  summary: 'All entries that fit, as a file',
  description:
    'CSV (RFC 4180) or one JSON object a line, newest first, streamed. That somebody exported is recorded.',
  access: { kind: 'principal', permission: 'audit:read' },
  query: auditExportQuerySchema,
  responses: {
    200: [
      {
        description: 'The entries.',
        contentType: 'text/csv',
        example: 'number,created_at,id,actor_type,…\r\n1,2026-11-26T12:00:00.000Z,aud_01…,key,…\r\n',
      },
      { description: 'The entries.', contentType: 'application/jsonl', example: '{"id":"aud_01…",…}\n' },
    ],
  },
  async handler({ c, principal, query }) {
    const { format, ...filters } = query;
    const { tenantId } = principal;
    await recordAudit(auditOf(c, principal), {
      action: 'audit.exported',
      object: { type: 'audit', id: tenantId },
      after: { format, ...filters },
    });
    return new Response(exportEntries(c.env.DB, tenantId, filters, format), {
      headers: {
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl',
        'content-disposition': `attachment; filename="audit.${format}"`,
        'cache-control': 'no-store',
      },
    });
  },
});
