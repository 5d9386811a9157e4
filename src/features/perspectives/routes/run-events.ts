import { z } from 'zod';
import { runEventSchema } from '../../../contracts/perspectives.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { operation } from '../../../platform/http/operation.ts';
import { SSE_HEADERS } from '../../../platform/sse.ts';
import { runsOf } from '../runs-of.ts';
import { RUN_EVENT_EXAMPLE } from './event-example.ts';

export const runEvents = operation({
  operationId: 'runEvents',
  method: 'get',
  path: '/v1/perspectives/{id}/events',
  tag: 'Perspectives',
  summary: 'A run’s events, from any point',
  description:
    'Server-sent events from the start, or after `Last-Event-ID` (or `after`). Ends after `run.completed`. Deltas are kept for an hour after the run has finished; later the stream holds each answer whole.',
  access: { kind: 'principal', permission: 'perspectives:read' },
  params: z.object({ id: z.string() }),
  query: z.object({ after: z.coerce.number().int().min(0).optional() }),
  responses: {
    200: {
      description: 'The events.',
      schema: runEventSchema,
      contentType: 'text/event-stream',
      example: RUN_EVENT_EXAMPLE,
    },
  },
  errors: [404],
  async handler({ c, params, query, principal }) {
    if (c.req.raw.method === 'HEAD') {
      // No body is read for HEAD, so none is opened.
      await runsOf(c).get(principal, params.id);
      return new Response(null, { headers: { ...SSE_HEADERS, 'x-run-id': params.id } });
    }
    const stream = await runsOf(c).eventStream(
      principal,
      params.id,
      lastEventId(c.req.header('last-event-id')) ?? query.after ?? 0,
    );
    return new Response(stream, { headers: { ...SSE_HEADERS, 'x-run-id': params.id } });
  },
});

function lastEventId(header: string | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (!/^\d{1,15}$/.test(header)) {
    throw new ParallaxError(
      'malformed_request',
      'Last-Event-ID must be the id of an event of this stream, a whole number.',
    );
  }
  return Number(header);
}
