import type { z } from 'zod';
import { securityEventListQuerySchema, securityEventListSchema } from '../../../../contracts/accounts.ts';
import { iso } from '../../../../platform/clock.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { listEvents } from '../security-events.ts';
import { answerWith, TAG } from './answer.ts';

export const listSecurityEvents = operation({
  operationId: 'listSecurityEvents',
  method: 'get',
  path: '/v1/me/security-events',
  tag: TAG,
  summary: 'What happened to one’s account',
  access: { kind: 'person' },
  query: securityEventListQuerySchema,
  responses: { 200: { description: 'Events, newest first.', schema: securityEventListSchema } },
  async handler({ c, person, query }) {
    const { events, nextCursor } = await listEvents(c.env.DB, person.userId, query);
    const data = events.map(({ id, kind, device, country, ip, risk, createdAt }) => ({
      id,
      object: 'security_event' as const,
      kind,
      device,
      country,
      ip,
      risk,
      created_at: iso(createdAt),
    }));
    return answerWith({
      object: 'list',
      data,
      has_more: nextCursor !== null,
      next_cursor: nextCursor,
    } satisfies z.infer<typeof securityEventListSchema>);
  },
});
