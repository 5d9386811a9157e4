import { z } from 'zod';
import {
  oauthDecidedSchema,
  oauthDecisionSchema,
  oauthRequestSchema,
  SCOPE_DESCRIPTIONS,
} from '../../../contracts/oauth.ts';
import type { Person } from '../../../contracts/principal.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AppContext } from '../../../platform/http/context.ts';
import { operation } from '../../../platform/http/operation.ts';
import { membershipOf, ownOrigin, tenantsOf } from '../../identity/index.ts';
import { complete, rememberedBy } from '../decide.ts';
import { withinOAuth } from '../outbound.ts';
import { type PendingRequest, pendingName } from '../pending.ts';
import { oauthServer } from '../server.ts';

const params = z.object({ id: z.string().min(1).max(500) });
const TAG = 'Connected apps';

export const getOAuthRequest = operation({
  operationId: 'getOAuthRequest',
  method: 'get',
  path: '/v1/oauth/requests/{id}',
  tag: TAG,
  summary: 'What an app asks for',
  description: 'For the page that asks the person. A request can be answered once, for ten minutes.',
  access: { kind: 'person' },
  params,
  responses: {
    200: { description: 'Who asks, for what, and where the tokens go.', schema: oauthRequestSchema },
  },
  errors: [404],
  async handler({ c, params: { id }, person }) {
    const pending = await pendingRequest(c, id);
    return c.json({
      id,
      object: 'oauth_request',
      client: {
        name: pending.clientName,
        host: pending.clientHost,
        verified: pending.clientHost !== null,
      },
      redirect_host: pending.redirectHost,
      localhost_only: pending.localhostOnly,
      scopes: pending.scopes.map((scope) => ({ scope, description: SCOPE_DESCRIPTIONS[scope] })),
      tenants: await tenantsOf(c.env.DB, person.userId),
    });
  },
});

export const decideOAuthRequest = operation({
  operationId: 'decideOAuthRequest',
  method: 'post',
  path: '/v1/oauth/requests/{id}',
  tag: TAG,
  summary: 'Let an app in, or not',
  description:
    'Only at the browser that the app opened, and once. The answer says where the browser goes now: back to the app, with a code or with the refusal.',
  access: { kind: 'person' },
  params,
  body: oauthDecisionSchema,
  responses: { 200: { description: 'Decided.', schema: oauthDecidedSchema } },
  errors: [404, 409],
  handler: ({ c, params: { id }, body, person }) =>
    withinOAuth(async () => {
      const pending = await pendingRequest(c, id);
      const oauth = await oauthServer(ownOrigin(c.req.raw, c.var.config));
      const api = oauth.api(c.env);
      try {
        if (body.decision === 'deny') {
          const { redirectTo, headers } = await api.denyConsent(c.req.raw, id);
          return decided(c, id, redirectTo, headers);
        }
        const tenantId = await chosenTenant(c, person, body.tenant_id);
        const scope = (body.scopes ?? pending.scopes).filter((one) => pending.scopes.includes(one));
        if (scope.length === 0) {
          throw new ParallaxError(
            'invalid_parameter',
            'Allow at least one of the scopes that were asked for.',
            {
              param: 'scopes',
            },
          );
        }
        const remember = body.remember && !pending.localhostOnly;
        const { request, headers } = await api.approveConsent(c.req.raw, id, {
          scope: [...scope],
          ...(remember ? { remember: rememberedBy(c.var.config, person.userId, tenantId) } : {}),
        });
        const acts = { userId: person.userId, tenantId };
        return decided(c, id, await complete(c, oauth, request, pending, acts), headers);
      } catch (error) {
        if (error instanceof oauth.library.CimdFetchError)
          throw new ParallaxError(
            'conflict',
            'The app’s description could not be read at the address that it gave. Start again in the app.',
          );
        if (!(error instanceof oauth.library.AuthorizationError)) throw error;
        throw new ParallaxError(
          'conflict',
          'This request was answered already, has expired, or was opened in another browser. Start again in the app.',
        );
      }
    }),
});

async function pendingRequest(c: AppContext, id: string): Promise<PendingRequest> {
  const pending = await c.env.OAUTH_KV.get<PendingRequest>(await pendingName(id), 'json');
  if (pending !== null) return pending;
  throw new ParallaxError(
    'not_found',
    'There is no such request, or it has expired. Start again in the app.',
  );
}

/** The tenant that the person chose, or the only one that they have. */
async function chosenTenant(c: AppContext, person: Person, tenantId: string | undefined): Promise<string> {
  const id = tenantId ?? person.session.tenantId;
  const membership = id === null ? null : await membershipOf(c.env.DB, person.userId, id);
  if (membership !== null) return membership.id;
  throw new ParallaxError('not_found', 'You belong to no such tenant.', { param: 'tenant_id' });
}

async function decided(c: AppContext, id: string, redirectTo: string, more: Headers): Promise<Response> {
  await c.env.OAUTH_KV.delete(await pendingName(id));
  const response = c.json({ object: 'oauth_decision', redirect_to: redirectTo });
  for (const cookie of more.getSetCookie()) response.headers.append('set-cookie', cookie);
  return response;
}
