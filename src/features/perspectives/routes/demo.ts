import { z } from 'zod';
import { perspectivesRequestSchema, runEventSchema } from '../../../contracts/perspectives.ts';
import type { Principal } from '../../../contracts/principal.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { SSE_HEADERS } from '../../../platform/sse.ts';
import { runsOf } from '../runs-of.ts';
import { RUN_EVENT_EXAMPLE } from './event-example.ts';

/** The demonstration's own tenant: it has no people, no keys and no credit, and only local models answer it. */
const DEMO: Principal = {
  tenantId: 'ten_demo',
  userId: 'usr_demo',
  role: 'member',
  via: 'session',
  scopes: ['perspectives'],
};
const MODELS = ['local/swift', 'local/sage', 'local/scribe'];

/** What a visitor may ask: a short prompt; the models and the merge are fixed. */
const demoRequestSchema = z.strictObject({ prompt: z.string().trim().min(1).max(2000) });

/**
 * The box on the first page. Public, so it is bounded on every side: local models alone (they cost nothing), short prompts, a rate for
 * each address, and only from pages of this very origin.
 */
export const demoRun = operation({
  operationId: 'demoRun',
  method: 'post',
  path: '/demo/perspectives',
  tag: 'Demonstration',
  summary: 'Ask the local models from the first page',
  access: { kind: 'public', why: 'the first page lets anybody try the local models, which cost nothing' },
  body: demoRequestSchema,
  maxBodyBytes: 16 * 1024,
  responses: {
    200: {
      description: 'The run’s events.',
      schema: runEventSchema,
      contentType: 'text/event-stream',
      example: RUN_EVENT_EXAMPLE,
    },
  },
  errors: [403, 404, 429],
  async handler({ c, body }) {
    if (c.var.config.providerSettings.LOCAL_MODELS_URL === undefined) {
      throw new ParallaxError(
        'not_found',
        'This deployment has no local models to try. Use POST /v1/perspectives with an API key.',
      );
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== new URL(c.req.url).origin) {
      throw new ParallaxError('origin_refused', 'The demonstration answers only its own page.');
    }
    const { success } = await c.env.DEMO_RATE.limit({ key: c.req.header('cf-connecting-ip') ?? 'local' });
    if (!success)
      throw new ParallaxError('rate_limited', 'That was a lot of questions. Try again in a minute.', {
        retryAfterMs: 60_000,
      });
    const runs = runsOf(c);
    const request = perspectivesRequestSchema.parse({
      prompt: body.prompt,
      models: MODELS,
      merge: { strategy: 'consensus' },
      max_tokens: 600,
    });
    const { id } = await runs.start(DEMO, request, { origin: 'demo' });
    return new Response(await runs.eventStream(DEMO, id, 0), { headers: { ...SSE_HEADERS, 'x-run-id': id } });
  },
});
