import { z } from 'zod';
import { operation } from '../../../platform/http/operation.ts';

export const demoStatus = operation({
  operationId: 'demoStatus',
  method: 'get',
  path: '/demo/perspectives',
  tag: 'Demonstration',
  summary: 'Whether the first page can be tried without a key',
  access: { kind: 'public', why: 'the first page asks before anybody has signed in' },
  responses: {
    200: {
      description: 'Whether there are local models to try.',
      schema: z.object({ available: z.boolean() }),
    },
  },
  handler: ({ c }) => c.json({ available: c.var.config.providerSettings.LOCAL_MODELS_URL !== undefined }),
});
