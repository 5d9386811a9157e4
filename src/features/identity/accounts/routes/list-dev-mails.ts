import { devMailListSchema, devMailQuerySchema } from '../../../../contracts/accounts.ts';
import { iso } from '../../../../platform/clock.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { keptMails } from '../../../../platform/mail/index.ts';
import { requireLocal } from '../local-only.ts';
import { answerWith, TAG } from './answer.ts';

export const listDevMails = operation({
  operationId: 'listDevMails',
  method: 'get',
  path: '/dev/mailbox/mails',
  tag: TAG,
  summary: 'Mails that a local deployment would have sent',
  access: { kind: 'public', why: 'exists on a local deployment alone, where a person reads their own mails' },
  query: devMailQuerySchema,
  responses: { 200: { description: 'Mails, newest first.', schema: devMailListSchema } },
  errors: [404],
  async handler({ c, query }) {
    requireLocal(c.var.config, c.req.url);
    const mails = await keptMails(c.env.DB, query);
    const data = mails.map(({ id, to, subject, text, html, createdAt }) => ({
      id,
      object: 'mail',
      to,
      subject,
      text,
      html,
      created_at: iso(createdAt),
    }));
    return answerWith({ object: 'list', data });
  },
});
