import { usageListQuerySchema, usageListSchema } from '../../../contracts/usage.ts';
import { operation } from '../../../platform/http/operation.ts';
import { cursorOf, eventSearch, eventView, findEvents, placeOf } from '../usage/find-events.ts';
import { whoseUsage } from '../usage/whose.ts';

export const listUsage = operation({
  operationId: 'listUsage',
  method: 'get',
  path: '/v1/usage',
  tag: 'Usage',
  summary: 'Every model call, with what it used and cost',
  description:
    'Newest first; a call is here some seconds after it ended. Owners and admins see everybody’s in the tenant, others their own. With `run_id` it is the receipt of a run.',
  access: { kind: 'principal', permission: 'usage:read' },
  query: usageListQuerySchema,
  responses: { 200: { description: 'A page of calls.', schema: usageListSchema } },
  async handler({ c, principal, query }) {
    const { limit, cursor, ...filters } = query;
    const search = eventSearch(filters, whoseUsage(principal, filters.user_id), c.var.clock.now());
    const after = cursor === undefined ? null : placeOf(cursor);
    const found = await findEvents(c.env.DB, principal.tenantId, search, { after, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const more = found.length > limit && last !== undefined;
    return c.json({
      object: 'list',
      data: page.map(eventView),
      has_more: more,
      next_cursor: more ? cursorOf(last) : null,
    });
  },
});
