import type { Run } from '../../../contracts/perspectives.ts';
import {
  MAX_PROMPT_BYTES,
  perspectivesRequestSchema,
  runEventSchema,
  runSchema,
} from '../../../contracts/perspectives.ts';
import { operation } from '../../../platform/http/operation.ts';
import { SSE_HEADERS } from '../../../platform/sse.ts';
import { countRun, runRateHeaders } from '../count-run.ts';
import { runsOf } from '../runs-of.ts';
import { RUN_EVENT_EXAMPLE } from './event-example.ts';

/** Room for the JSON around the largest prompt. */
export const MAX_BODY_BYTES = MAX_PROMPT_BYTES;

export const createRun = operation({
  operationId: 'createRun',
  method: 'post',
  path: '/v1/perspectives',
  tag: 'Perspectives',
  summary: 'Ask several models the same question',
  description:
    'Answers with the finished run, or with its events as they come when `stream` is true. A run goes on when its client goes away: read it again by its id, or resume the stream with `Last-Event-ID`. One failing model never fails the run. `Idempotency-Key` makes a retry join the run instead of paying for another.',
  access: { kind: 'principal', permission: 'perspectives:use', limited: 'perspectives' },
  body: perspectivesRequestSchema,
  maxBodyBytes: MAX_BODY_BYTES,
  responses: {
    200: [
      { description: 'The finished run.', schema: runSchema },
      {
        description: 'The run’s events.',
        schema: runEventSchema,
        contentType: 'text/event-stream',
        example: RUN_EVENT_EXAMPLE,
      },
    ],
  },
  errors: [402, 404, 409, 429, 503],
  async handler({ c, body, principal }) {
    const counted = await countRun(c);
    const runs = runsOf(c);
    const idempotencyKey = c.req.header('idempotency-key');
    const { id } = await runs.start(principal, body, {
      origin: 'rest',
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    });
    const headers = { 'x-run-id': id, location: `/v1/perspectives/${id}`, ...runRateHeaders(counted) };
    if (body.stream)
      return new Response(await runs.eventStream(principal, id, 0), {
        headers: { ...SSE_HEADERS, ...headers },
      });
    return c.json((await runs.finished(principal, id)) satisfies Run, 200, headers);
  },
});
