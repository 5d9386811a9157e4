import { z } from 'zod';
import { mergeRunRequestSchema, runSchema } from '../../../contracts/perspectives.ts';
import { operation } from '../../../platform/http/operation.ts';
import { countRun, runRateHeaders } from '../count-run.ts';
import { runsOf } from '../runs-of.ts';

export const mergeRun = operation({
  operationId: 'mergeRun',
  method: 'post',
  path: '/v1/perspectives/{id}/merge',
  tag: 'Perspectives',
  summary: 'Merge a finished run, or merge it another way',
  access: { kind: 'principal', permission: 'perspectives:use', limited: 'perspectives' },
  params: z.object({ id: z.string() }),
  body: mergeRunRequestSchema,
  responses: {
    200: {
      description: 'The run with its new merge; what the merge cost is on the receipt.',
      schema: runSchema,
    },
  },
  errors: [402, 404, 409, 503],
  async handler({ c, params, body, principal }) {
    const headers = runRateHeaders(await countRun(c));
    return c.json(await runsOf(c).merge(principal, params.id, body), 200, headers);
  },
});
