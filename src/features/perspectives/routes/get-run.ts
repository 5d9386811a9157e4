import { z } from 'zod';
import { runSchema } from '../../../contracts/perspectives.ts';
import { operation } from '../../../platform/http/operation.ts';
import { runsOf } from '../runs-of.ts';

export const getRun = operation({
  operationId: 'getRun',
  method: 'get',
  path: '/v1/perspectives/{id}',
  tag: 'Perspectives',
  summary: 'A run, finished or not',
  access: { kind: 'principal', permission: 'perspectives:read' },
  params: z.object({ id: z.string() }),
  responses: { 200: { description: 'The run as it is now.', schema: runSchema } },
  errors: [404],
  async handler({ c, params, principal }) {
    return c.json(await runsOf(c).get(principal, params.id));
  },
});
