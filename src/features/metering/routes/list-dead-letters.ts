import { deadLetterListQuerySchema, deadLetterListSchema } from '../../../contracts/operations.ts';
import { iso } from '../../../platform/clock.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listDeadLetters } from '../dead-letters.ts';

export const listDeadLettersOperation = operation({
  operationId: 'listDeadLetters',
  method: 'get',
  path: '/v1/operator/dead-letters',
  tag: 'Operator',
  summary: 'List messages that a queue gave up on',
  description:
    'Usage that could not be written for as long as the queue tried. Nothing of it is counted until it is replayed.',
  access: { kind: 'operator' },
  query: deadLetterListQuerySchema,
  responses: { 200: { description: 'A page of dead letters.', schema: deadLetterListSchema } },
  async handler({ c, query }) {
    const { queue, limit, cursor } = query;
    const letters = await listDeadLetters(c.env.DB, queue, { limit: limit + 1, after: cursor });
    const page = letters.slice(0, limit);
    return c.json({
      object: 'list',
      data: page.map(({ id, body, createdAt }) => ({
        id,
        object: 'dead_letter',
        queue,
        created_at: iso(createdAt),
        body: JSON.parse(body) as unknown,
      })),
      has_more: letters.length > limit,
      next_cursor: letters.length > limit ? (page.at(-1)?.id ?? null) : null,
    });
  },
});
