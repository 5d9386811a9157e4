import { differenceListQuerySchema, differenceListSchema } from '../../../contracts/reconciliation.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { type DifferenceSearch, listDifferences } from '../difference-store.ts';
import { differenceView } from '../view.ts';

export const getDifferences = operation({
  operationId: 'listDifferences',
  method: 'get',
  path: '/v1/operator/reconcile',
  tag: 'Operator',
  summary: 'List what differs between ledgers and what others know of their money',
  description:
    'What cron and `POST /v1/operator/reconcile` found. One that was looked at again and is gone is resolved.',
  access: { kind: 'operator' },
  query: differenceListQuerySchema,
  responses: { 200: { description: 'By tenant, kind and subject.', schema: differenceListSchema } },
  async handler({ c, query: { tenant_id, status, limit, cursor } }) {
    const rows = await listDifferences(c.env, {
      tenantId: tenant_id,
      status,
      after: cursor === undefined ? null : afterOf(cursor),
      limit: limit + 1,
    });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return c.json({
      object: 'list',
      data: page.map(differenceView),
      has_more: last !== undefined,
      next_cursor: last === undefined ? null : `${last.tenantId}/${last.kind}/${last.subject}`,
    });
  },
});

function afterOf(cursor: string): DifferenceSearch['after'] {
  const match = /^([^/]+)\/([a-z_]+)\/(.*)$/s.exec(cursor);
  if (match === null)
    throw new ParallaxError('invalid_parameter', '`cursor` is no `next_cursor` of an earlier answer.', {
      param: 'cursor',
    });
  const [, tenantId = '', kind = '', subject = ''] = match;
  return { tenantId, kind: kind as NonNullable<DifferenceSearch['after']>['kind'], subject };
}
