import { auditListQuerySchema, auditListSchema } from '../../../contracts/audit.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { findEntries } from '../copy.ts';
import { entryView } from '../row.ts';

export const listAuditEntries = operation({
  operationId: 'listAuditEntries',
  method: 'get',
  path: '/v1/audit',
  tag: 'Audit',
  summary: 'What was done in the tenant, by whom',
  description: 'Newest first. An entry is here within a second or two of what it records.',
  access: { kind: 'principal', permission: 'audit:read' },
  query: auditListQuerySchema,
  responses: { 200: { description: 'A page of entries.', schema: auditListSchema } },
  async handler({ c, principal, query }) {
    const { limit, cursor, ...filters } = query;
    const below = cursor === undefined ? null : numberOf(cursor);
    const found = await findEntries(c.env.DB, principal.tenantId, filters, { below, limit: limit + 1 });
    const page = found.slice(0, limit);
    const more = found.length > limit;
    return c.json({
      object: 'list',
      data: page.map(entryView),
      has_more: more,
      next_cursor: more ? String(page.at(-1)?.seq) : null,
    });
  },
});

/** A cursor is the number of the last entry that was seen. */
function numberOf(cursor: string): number {
  if (/^[1-9]\d{0,14}$/.test(cursor)) return Number(cursor);
  throw new ParallaxError('invalid_parameter', '`cursor` is not one that a list gave.', { param: 'cursor' });
}
