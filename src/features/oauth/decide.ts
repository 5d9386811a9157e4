import type { AuthRequest, RememberConsentOptions } from '@cloudflare/workers-oauth-provider';
import type { Scope } from '../../contracts/principal.ts';
import type { Config } from '../../platform/config.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { newId } from '../../platform/ids.ts';
import { auditOf, recordAudit } from '../audit/index.ts';
import { type AppProps, allowApp, endApp } from './apps.ts';
import { type GrantOwner, grantOwner } from './grant-owner.ts';
import type { PendingRequest } from './pending.ts';
import type { OAuthServer } from './server.ts';

/** What a remembered consent is bound to: the person and the tenant that they chose. */
export function rememberedBy(
  config: Pick<Config, 'keySigningSecret'>,
  userId: string,
  tenantId: string,
): Pick<RememberConsentOptions, 'secret' | 'subject'> {
  return { secret: `parallax consent ${config.keySigningSecret}`, subject: `${userId} ${tenantId}` };
}

/**
 * Lets an app in: first the row that will make its tokens count, then the code. It is connected when it exchanges the code; until then an earlier connection
 * goes on. Should the machine stop between the two, a row is left that nothing belongs to, which upkeep removes. Returns where the browser goes.
 */
export async function complete(
  c: AppContext,
  oauth: OAuthServer,
  request: AuthRequest,
  about: Pick<PendingRequest, 'clientName' | 'clientHost' | 'redirectHost'>,
  { tenantId, userId }: GrantOwner,
): Promise<string> {
  const now = c.var.clock.now();
  const id = newId('connectedApp', now);
  const app = {
    id,
    tenantId,
    userId,
    clientId: request.clientId,
    clientName: about.clientName,
    clientHost: about.clientHost,
    redirectUri: request.redirectUri,
    redirectHost: about.redirectHost,
    scopes: request.scope as Scope[],
    createdAt: now,
  };
  await allowApp(c.env.DB, tenantId, app);
  const props: AppProps = { appId: id, tenantId, userId };
  try {
    const { redirectTo } = await oauth.api(c.env).completeAuthorization({
      request,
      userId: grantOwner({ tenantId, userId }),
      metadata: { appId: id },
      scope: request.scope,
      props,
      // Earlier connections end when this one is made (exchange.ts): asking alone must not cut anybody off.
      revokeExistingGrants: false,
    });
    const principal = { tenantId, actor: { type: 'user', id: userId, userId } } as const;
    await recordAudit(auditOf(c, principal), {
      action: 'app.allowed',
      object: { type: 'connected_app', id },
      after: { client_id: app.clientId, client_name: app.clientName, scopes: app.scopes },
    });
    return redirectTo;
  } catch (error) {
    await endApp(c.env.DB, { tenantId, userId }, id, c.var.clock);
    throw error;
  }
}
