import { z } from 'zod';
import { runSchema } from '../../../contracts/perspectives.ts';
import { operation } from '../../../platform/http/operation.ts';
import { runsOf } from '../runs-of.ts';

export const cancelRun = operation({
  operationId: 'cancelRun',
  method: 'post',
  path: '/v1/perspectives/{id}/cancel',
  tag: 'Perspectives',
  summary: 'Stop a run',
  description:
    'Calls to models are aborted; what they had said is kept, and only that is charged. A finished run stays as it is.',
  access: { kind: 'principal', permission: 'perspectives:use' },
  params: z.object({ id: z.string() }),
  responses: { 200: { description: 'The run as it ended.', schema: runSchema } },
  errors: [404],
  async handler({ c, params, principal }) {
    const runs = runsOf(c);
    await runs.cancel(principal, params.id);
    return c.json(await runs.finished(principal, params.id));
  },
});
