import { acceptedSchema, changeEmailRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { accountContext } from '../account-context.ts';
import { askForNewEmail } from '../own-account.ts';
import { accepted, TAG } from './answer.ts';

export const changeEmail = operation({
  operationId: 'changeEmail',
  method: 'post',
  path: '/v1/me/email',
  tag: TAG,
  summary: 'Ask for another e-mail address',
  description:
    'The account has the new address once its mail was read; all other sessions end then, and the old address is told.',
  access: { kind: 'person' },
  body: changeEmailRequestSchema,
  responses: { 202: { description: 'A link is on its way to the new address.', schema: acceptedSchema } },
  errors: [403, 429, 503],
  async handler({ c, person, body: { email, password } }) {
    await askForNewEmail(await accountContext(c), person, { email, password });
    return accepted(
      'If the address is free, a link is on its way to it. Until it is followed nothing changes.',
    );
  },
});
