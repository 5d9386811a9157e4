import { noticeListQuerySchema, noticeListSchema } from '../../../contracts/notices.ts';
import { operation } from '../../../platform/http/operation.ts';
import { listNotices } from '../notices.ts';

export const listNoticesOperation = operation({
  operationId: 'listNotices',
  method: 'get',
  path: '/v1/notices',
  tag: 'Notices',
  summary: 'What you were told in this tenant',
  description:
    'Newest first: how far budgets are, automatic top-ups that were stopped, webhooks that take no events. Kept for 90 days. Owners and admins are told what concerns the tenant, everyone what concerns themselves.',
  access: { kind: 'principal', permission: 'notices:read' },
  query: noticeListQuerySchema,
  responses: { 200: { description: 'A page of notices.', schema: noticeListSchema } },
  async handler({ c, principal, query }) {
    const { data, nextCursor, unread } = await listNotices(c.env.DB, principal, query);
    return c.json({
      object: 'list',
      data: [...data],
      has_more: nextCursor !== null,
      next_cursor: nextCursor,
      unread,
    });
  },
});
