import { z } from 'zod';
import {
  redirectToSchema,
  socialProviderSchema,
  socialSignInRequestSchema,
} from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { beginSocial } from '../social.ts';
import { answerWith, DOOR, TAG } from './answer.ts';

export const postSocial = operation({
  operationId: 'beginSocialSignIn',
  method: 'post',
  path: '/auth/social/{provider}',
  tag: TAG,
  summary: 'Begin to sign in with another service',
  access: DOOR,
  params: z.object({ provider: socialProviderSchema }),
  body: socialSignInRequestSchema,
  responses: { 200: { description: 'Where to send the browser.', schema: redirectToSchema } },
  errors: [403, 404, 429],
  async handler({ c, params, body }) {
    const { url, cookies } = await beginSocial(await doorContext(c), params.provider, body.return_to);
    return answerWith({ object: 'redirect', url }, cookies);
  },
});
