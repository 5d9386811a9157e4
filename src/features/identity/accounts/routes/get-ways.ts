import type { z } from 'zod';
import { SOCIAL_PROVIDERS, signInWaysSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { DOOR, TAG } from './answer.ts';

export const getSignInWays = operation({
  operationId: 'getSignInWays',
  method: 'get',
  path: '/auth/ways',
  tag: TAG,
  summary: 'How one can sign in here',
  access: DOOR,
  responses: { 200: { description: 'The ways.', schema: signInWaysSchema } },
  handler({ c }) {
    const { socialApps, environment } = c.var.config;
    return c.json({
      object: 'sign_in_ways',
      password: true,
      passkey: true,
      social: SOCIAL_PROVIDERS.filter((provider) => socialApps[provider] !== undefined),
      dev_mailbox: environment !== 'production',
    } satisfies z.infer<typeof signInWaysSchema>);
  },
});
