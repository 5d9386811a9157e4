import type {
  AuthRequest,
  ConsentDescription,
  RememberConsentOptions,
} from '@cloudflare/workers-oauth-provider';
import type { Scope } from '../../contracts/principal.ts';
import type { Config } from '../../platform/config.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { newId } from '../../platform/ids.ts';
import { auditOf, recordAudit } from '../audit/index.ts';
import { type AppProps, connectApp, endApp } from './apps.ts';
import type { OAuthServer } from './server.ts';

/** For whom an app may act. */
export interface ActsFor {
  readonly userId: string;
  readonly tenantId: string;
}

/** What a remembered consent is bound to: the person and the tenant that they chose. */
export function rememberedBy(
  config: Pick<Config, 'keySigningSecret'>,
  userId: string,
  tenantId: string,
): Pick<RememberConsentOptions, 'secret' | 'subject'> {
  return { secret: `parallax consent ${config.keySigningSecret}`, subject: `${userId} ${tenantId}` };
}

/**
 * Connects an app: first the row that makes its tokens count, then the code. Should the machine stop between the two, there is a connection in the list that no
 * token belongs to. Returns where the browser goes.
 */
export async function complete(
  c: AppContext,
  oauth: OAuthServer,
  request: AuthRequest,
  details: ConsentDescription,
  { userId, tenantId }: ActsFor,
): Promise<string> {
  const now = c.var.clock.now();
  const id = newId('connectedApp', now);
  const app = {
    id,
    tenantId,
    userId,
    clientId: request.clientId,
    clientName: details.clientName.slice(0, 200),
    clientHost: details.clientDomain ?? null,
    redirectUri: request.redirectUri,
    redirectHost: details.redirectHost,
    scopes: request.scope as Scope[],
    createdAt: now,
  };
  await connectApp(c.env.DB, tenantId, app);
  const props: AppProps = { appId: id, tenantId, userId };
  try {
    const { redirectTo } = await oauth.api(c.env).completeAuthorization({
      request,
      userId,
      metadata: { appId: id },
      scope: request.scope,
      props,
    });
    const principal = { tenantId, actor: { type: 'user', id: userId, userId } } as const;
    await recordAudit(auditOf(c, principal), {
      action: 'app.connected',
      object: { type: 'connected_app', id },
      after: { client_id: app.clientId, client_name: app.clientName, scopes: app.scopes },
    });
    return redirectTo;
  } catch (error) {
    await endApp(c.env.DB, { tenantId, userId }, id, c.var.clock);
    throw error;
  }
}
