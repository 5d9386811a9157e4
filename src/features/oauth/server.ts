import type { OAuthAuthorizationServer, OAuthHelpers } from '@cloudflare/workers-oauth-provider';
import { SCOPES } from '../../contracts/principal.ts';
import { systemClock } from '../../platform/clock.ts';
import { createLogger } from '../../platform/log.ts';
import { refusedTokens } from './exchange.ts';
import { guardOutbound, noteRefusal } from './outbound.ts';
import { mayReceiveCodes } from './redirects.ts';

/** How long an access token holds, in seconds. */
export const ACCESS_TOKEN_S = 3_600;
/** How long a connection holds that nobody uses, in seconds. */
export const IDLE_S = 30 * 24 * 3_600;

export const AUTHORIZE_PATH = '/oauth/authorize';
export const TOKEN_PATH = '/oauth/token';
export const REGISTER_PATH = '/oauth/register';
export const REVOKE_PATH = '/oauth/revoke';
export const SERVER_METADATA_PATH = '/.well-known/oauth-authorization-server';
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource/mcp';

type Library = typeof import('@cloudflare/workers-oauth-provider');

/** The authorization server of an origin, and the library it is made of. */
export interface OAuthServer {
  readonly library: Library;
  readonly server: OAuthAuthorizationServer<Env>;
  readonly api: (env: Env) => OAuthHelpers;
}

const servers = new Map<string, Promise<OAuthServer>>();
/** Origins that an isolate answers under; more than a few are strangers' guesses. */
const MOST_ORIGINS = 20;

/** The one resource that tokens are for. */
export function resourceOf(origin: string): string {
  return `${origin}/mcp`;
}

/** The authorization server that an origin stands for. Its library is loaded when it is first needed: other requests do not pay for it. */
export function oauthServer(origin: string): Promise<OAuthServer> {
  let made = servers.get(origin);
  if (made === undefined) {
    made = makeServer(origin);
    if (servers.size >= MOST_ORIGINS) servers.clear();
    servers.set(origin, made);
  }
  return made;
}

async function makeServer(origin: string): Promise<OAuthServer> {
  const library = await import('@cloudflare/workers-oauth-provider');
  const log = createLogger({ part: 'oauth' });
  guardOutbound();
  const server: OAuthAuthorizationServer<Env> = new library.OAuthAuthorizationServer<Env>({
    issuer: origin,
    resources: [resourceOf(origin)],
    authorizeEndpoint: AUTHORIZE_PATH,
    tokenEndpoint: TOKEN_PATH,
    clientRegistrationEndpoint: REGISTER_PATH,
    accessTokenTTL: ACCESS_TOKEN_S,
    refreshTokenTTL: IDLE_S,
    refreshTokenIdleTTL: IDLE_S,
    scopesSupported: [...SCOPES],
    clientIdMetadataDocumentEnabled: true,
    // Which schemes, is ours to say: redirects.ts.
    allowPrivateUseRedirectUris: true,
    clientRegistrationCallback: ({ clientMetadata: { redirect_uris: addresses } }) => {
      if (
        Array.isArray(addresses) &&
        addresses.some((one) => typeof one === 'string' && mayReceiveCodes(one))
      )
        return undefined;
      return {
        code: 'invalid_redirect_uri',
        description:
          'At least one redirect address must be https, on a loopback host, or an editor that is known.',
        status: 400,
      };
    },
    cookiePrefix: '__Host-parallax-oauth-',
    tokenExchangeCallback: async (options) => {
      const reason = await refusedTokens(options, server.getOAuthApi(options.env), systemClock, log);
      if (reason !== null) throw new library.OAuthError('invalid_grant', { description: reason });
    },
    onError: ({ code, status, internal }) => {
      noteRefusal(internal.reason);
      // What a client sent is in none of these; a token never is.
      log.info('an OAuth request was refused', { code, status, reason: internal.reason });
    },
  });
  return { library, server, api: (env) => server.getOAuthApi(env) };
}

/** A request as it reached us under the deployment's own address, which a proxy before it may have changed. */
export function underOrigin(request: Request, origin: string): Request {
  const { pathname, search } = new URL(request.url);
  const own = `${origin}${pathname}${search}`;
  return own === request.url ? request : new Request(own, request);
}
