import { devPersonRequestSchema, personSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { givePassword } from '../give-password.ts';
import { requireLocal } from '../local-only.ts';
import { userView } from '../people.ts';
import { answerWith, TAG } from './answer.ts';

export const putDevPerson = operation({
  operationId: 'putDevPerson',
  method: 'put',
  path: '/dev/people',
  tag: TAG,
  summary: 'Give somebody a password, on a local deployment',
  description:
    'For somebody who exists, like the owner of a tenant that the operator made. Their address counts as confirmed.',
  access: { kind: 'operator' },
  body: devPersonRequestSchema,
  responses: { 200: { description: 'The person.', schema: personSchema } },
  errors: [404],
  async handler({ c, body }) {
    requireLocal(c.var.config, c.req.url);
    return answerWith(userView(await givePassword(c.env.DB, c.var.clock, body)));
  },
});
