import { type Principal, SCOPES } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { leasedRole, ownOrigin } from '../identity/index.ts';
import { isConnected } from './app-leases.ts';
import { type AppProps, knownScopes } from './apps.ts';
import { oauthServer, resourceOf } from './server.ts';

const BEARER = /^Bearer[ ]+(\S+)$/i;

/** The bearer of a request that is no API key: what may be an access token. */
export function tokenIn(headers: Headers): string | null {
  const token = BEARER.exec(headers.get('authorization')?.trim() ?? '')?.[1] ?? null;
  return token === null || token.startsWith('plx_') ? null : token;
}

/**
 * Who a request with an access token acts for. A token counts for this deployment's `/mcp` alone (RFC 8707), as long as its app is connected and its
 * person a member, each at most five seconds old. Throws `ParallaxError` `unauthenticated`.
 */
export async function oauthPrincipal(
  request: Request,
  token: string,
  env: Env,
  config: Config,
  clock: Clock,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<Principal> {
  const origin = ownOrigin(request, config);
  const { server } = await oauthServer(origin);
  const valid = await server.validateToken<AppProps>(resourceOf(origin), token, env);
  if (valid === null) throw unusable('The access token is not valid, or has expired. Please sign in again.');
  const { appId, tenantId, userId } = valid.props;
  const [connected, role] = await Promise.all([
    isConnected(env, { tenantId, userId }, appId, clock, waitUntil),
    leasedRole(env, userId, tenantId, clock),
  ]);
  if (!connected) throw unusable('This app was disconnected. Please connect it again.');
  if (role === null) throw unusable('You are not a member of this tenant any more. Please connect again.');
  return {
    tenantId,
    userId,
    role,
    via: 'oauth',
    clientId: valid.clientId,
    scopes: knownScopes(valid.scope, SCOPES),
  };
}

function unusable(message: string): ParallaxError {
  return new ParallaxError('unauthenticated', message, { details: { reason: 'token' } });
}
