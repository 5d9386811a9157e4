import { resolvedRouteSchema, resolveRequestSchema } from '../../../contracts/routing.ts';
import { operation } from '../../../platform/http/operation.ts';
import { resolve } from '../resolve.ts';
import { createRouter } from '../router.ts';
import { contextOf, TAG } from './context-of.ts';

/** Room for a whole conversation, as a chat request has it. */
const MAX_BODY_BYTES = 1024 * 1024;

export const resolveRoute = operation({
  operationId: 'resolveRoute',
  method: 'post',
  path: '/v1/resolve',
  tag: TAG,
  summary: 'Where a request would go, and why',
  description:
    'Takes what a chat request has, or a part of it, and answers with the model that would serve it, the fallbacks, the reason, estimates and the runners-up. Nothing is called, nothing is kept, and it never explores.',
  access: { kind: 'principal', permission: 'routing:read' },
  body: resolveRequestSchema,
  maxBodyBytes: MAX_BODY_BYTES,
  responses: { 200: { description: 'The route.', schema: resolvedRouteSchema } },
  errors: [400, 404, 503],
  async handler({ c, body, principal }) {
    const router = createRouter({ ...contextOf(c), random: Math.random });
    return c.json(await resolve(router, principal, body));
  },
});
