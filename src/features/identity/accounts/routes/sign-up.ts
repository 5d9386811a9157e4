import { acceptedSchema, signUpRequestSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { signUp } from '../sign-up.ts';
import { accepted, DOOR, TAG } from './answer.ts';

export const postSignUp = operation({
  operationId: 'signUp',
  method: 'post',
  path: '/auth/sign-up',
  tag: TAG,
  summary: 'Make an account',
  description:
    'Answers the same for every address. What comes next is mailed: a link to confirm the address, or word that there is an account with it already.',
  access: DOOR,
  body: signUpRequestSchema,
  responses: { 202: { description: 'A mail is on its way.', schema: acceptedSchema } },
  errors: [403, 429],
  async handler({ c, body }) {
    signUp(await doorContext(c), body);
    return accepted('Look into your mail: the next step is there.');
  },
});
