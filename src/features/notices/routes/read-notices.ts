import { readNoticesRequestSchema, readNoticesSchema } from '../../../contracts/notices.ts';
import { operation } from '../../../platform/http/operation.ts';
import { readNotices } from '../notices.ts';

export const readNoticesOperation = operation({
  operationId: 'readNotices',
  method: 'post',
  path: '/v1/notices/read',
  tag: 'Notices',
  summary: 'Mark notices as read',
  description: 'For yourself alone, up to the one that you name. What was read stays read.',
  access: { kind: 'principal', permission: 'notices:read' },
  body: readNoticesRequestSchema,
  responses: { 200: { description: 'How many are left.', schema: readNoticesSchema } },
  errors: [404],
  async handler({ c, principal, body }) {
    return c.json({ unread: await readNotices(c.env.DB, principal, body.up_to) });
  },
});
