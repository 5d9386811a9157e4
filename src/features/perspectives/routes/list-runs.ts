import { runListQuerySchema, runListSchema } from '../../../contracts/perspectives.ts';
import { iso } from '../../../platform/clock.ts';
import { operation } from '../../../platform/http/operation.ts';
import { nano, toUsd } from '../../../platform/money.ts';
import { runsOf } from '../runs-of.ts';

export const listRuns = operation({
  operationId: 'listRuns',
  method: 'get',
  path: '/v1/perspectives',
  tag: 'Perspectives',
  summary: 'Finished runs, newest first',
  access: { kind: 'principal', permission: 'perspectives:read' },
  query: runListQuerySchema,
  responses: { 200: { description: 'A page of runs.', schema: runListSchema } },
  async handler({ c, query, principal }) {
    const { rows, nextCursor } = await runsOf(c).list(principal, query);
    return c.json({
      object: 'list',
      data: rows.map((row) => ({
        id: row.id,
        status: row.status,
        prompt_preview: row.promptPreview,
        models: row.models,
        strategy: row.strategy,
        cost_usd: toUsd(nano(row.costNano)),
        created_at: iso(row.createdAt),
      })),
      has_more: nextCursor !== null,
      next_cursor: nextCursor,
    });
  },
});
