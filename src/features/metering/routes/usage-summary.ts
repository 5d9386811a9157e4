import { usageSummaryQuerySchema, usageSummarySchema } from '../../../contracts/usage.ts';
import { operation } from '../../../platform/http/operation.ts';
import { windowOf } from '../usage/period.ts';
import { summarize } from '../usage/summarize.ts';
import { whoseUsage } from '../usage/whose.ts';

export const usageSummary = operation({
  operationId: 'usageSummary',
  method: 'get',
  path: '/v1/usage/summary',
  tag: 'Usage',
  summary: 'What was used, over time and by model, person, key and so on',
  description:
    'Hours, days and months are those of UTC. Owners and admins see everybody’s calls in the tenant, others their own. The calls that are shown as `totals` are those of `data`, and `groups` add up to them.',
  access: { kind: 'principal', permission: 'usage:read' },
  query: usageSummaryQuerySchema,
  responses: { 200: { description: 'The sums.', schema: usageSummarySchema } },
  async handler({ c, principal, query }) {
    const { period, from, to, granularity, group_by, limit, user_id, ...filters } = query;
    const whose = whoseUsage(principal, user_id);
    const window = windowOf({ period, from, to, granularity }, c.var.clock.now());
    const question = { whose, filters, groupBy: [...new Set(group_by ?? [])], limit, window };
    return c.json(await summarize(c.env.DB, principal.tenantId, question));
  },
});
