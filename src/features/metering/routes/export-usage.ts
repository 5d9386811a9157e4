import { usageExportQuerySchema } from '../../../contracts/usage.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { auditOf, recordAudit } from '../../audit/index.ts';
import { exportEvents, MAX_EXPORTED } from '../usage/export-events.ts';
import { countEvents, eventSearch } from '../usage/find-events.ts';
import { whoseUsage } from '../usage/whose.ts';

export const exportUsage = operation({
  operationId: 'exportUsage',
  method: 'get',
  path: '/v1/usage/export',
  tag: 'Usage',
  summary: 'All calls that fit, as a file',
  description:
    'CSV (RFC 4180) or one JSON object a line, newest first, streamed; up to 500,000 calls. Whose calls are in it is as in the list. That somebody exported is recorded.',
  access: { kind: 'principal', permission: 'usage:read' },
  query: usageExportQuerySchema,
  responses: {
    200: [
      {
        description: 'The calls.',
        contentType: 'text/csv',
        example: 'id,created_at,user_id,…\r\ncall_01…,2026-11-26T12:00:00.000Z,usr_01…,…\r\n',
      },
      { description: 'The calls.', contentType: 'application/jsonl', example: '{"id":"call_01…",…}\n' },
    ],
  },
  async handler({ c, principal, query }) {
    const { format, ...filters } = query;
    const { tenantId } = principal;
    const now = c.var.clock.now();
    // With an end: what comes in while the file is written is not in it.
    const until = { ...filters, to: filters.to ?? new Date(now).toISOString() };
    const search = eventSearch(until, whoseUsage(principal, filters.user_id), now);
    if ((await countEvents(c.env.DB, tenantId, search, MAX_EXPORTED + 1)) > MAX_EXPORTED)
      throw new ParallaxError(
        'invalid_parameter',
        `More than ${MAX_EXPORTED.toLocaleString('en-US')} calls fit. Ask for a shorter time with \`from\` and \`to\`, and make several files.`,
        { param: 'from' },
      );
    await recordAudit(auditOf(c, principal), {
      action: 'usage.exported',
      object: { type: 'usage', id: tenantId },
      after: { format, ...filters },
    });
    return new Response(exportEvents(c.env.DB, tenantId, search, format), {
      headers: {
        'content-type': format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl',
        'content-disposition': `attachment; filename="usage.${format}"`,
        'cache-control': 'no-store',
      },
    });
  },
});
