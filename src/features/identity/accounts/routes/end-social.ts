import { z } from 'zod';
import { socialProviderSchema } from '../../../../contracts/accounts.ts';
import { operation } from '../../../../platform/http/operation.ts';
import { doorContext } from '../account-context.ts';
import { endSocial } from '../social.ts';
import { DOOR, TAG } from './answer.ts';

export const getSocialCallback = operation({
  operationId: 'endSocialSignIn',
  method: 'get',
  path: '/auth/callback/{provider}',
  tag: TAG,
  summary: 'Where another service sends the browser back to',
  description: 'Only in the browser that began it, once, within ten minutes.',
  access: DOOR,
  params: z.object({ provider: socialProviderSchema }),
  query: z.object({
    code: z.string().max(4_096).optional(),
    state: z.string().max(200).optional(),
    error: z.string().max(200).optional(),
    iss: z.string().max(500).optional(),
  }),
  responses: {
    302: {
      description:
        'To a page of ours; with `error` when it failed, with `second_factor` when more has to be proven.',
    },
  },
  errors: [404, 429],
  async handler({ c, params, query }) {
    const { location, cookies } = await endSocial(await doorContext(c), params.provider, query);
    const headers = new Headers({ location, 'cache-control': 'no-store' });
    for (const cookie of cookies) headers.append('set-cookie', cookie);
    return new Response(null, { status: 302, headers });
  },
});
