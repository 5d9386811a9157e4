import type { AuthRequest, ConsentDescription } from '@cloudflare/workers-oauth-provider';
import { DEFAULT_APP_SCOPES } from '../../contracts/oauth.ts';
import { SCOPES, type Scope } from '../../contracts/principal.ts';
import { sha256Hex } from '../../platform/crypto.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { membershipOf, ownOrigin, sessionPerson } from '../identity/index.ts';
import { complete, rememberedBy } from './decide.ts';
import { type OAuthServer, oauthServer, underOrigin } from './server.ts';

/** How long a person may take to decide, in seconds: as long as the library keeps the request. */
const DECISION_S = 600;

/** What is kept of a request for the page that asks the person. */
export interface PendingRequest {
  readonly clientName: string;
  readonly clientHost: string | null;
  readonly redirectHost: string;
  readonly localhostOnly: boolean;
  readonly scopes: readonly Scope[];
}

/**
 * `GET /oauth/authorize`: checks what an app asks for and sends the person to the page that asks them. An app or an address that is not known is told on a
 * page of ours, never by a redirect; everything else goes back to the app, as RFC 6749, section 4.1.2.1, says.
 */
export async function authorize(c: AppContext): Promise<Response> {
  const { config } = c.var;
  const origin = ownOrigin(c.req.raw, config);
  const oauth = await oauthServer(origin);
  try {
    const request = await oauth.api(c.env).parseAuthRequest(underOrigin(c.req.raw, origin));
    // The library demands PKCE of public clients alone; OAuth 2.1 does of all.
    if (request.codeChallenge === undefined || request.codeChallengeMethod !== 'S256') {
      const description = 'A code challenge with the method S256 is required.';
      return redirect(oauth.library.authorizationErrorRedirect(request, 'invalid_request', description));
    }
    const asked = { ...request, scope: [...scopesAsked(request)] };
    return await ask(c, oauth, origin, asked);
  } catch (error) {
    const { AuthorizationError, CimdFetchError } = oauth.library;
    if (error instanceof AuthorizationError) {
      if (error.redirectTo !== undefined) return redirect(error.redirectTo);
      return refusedPage(error.description);
    }
    if (error instanceof CimdFetchError)
      return refusedPage('The app’s description could not be read at the address that it gave.');
    throw error;
  }
}

async function ask(c: AppContext, oauth: OAuthServer, origin: string, asked: AuthRequest): Promise<Response> {
  const api = oauth.api(c.env);
  const details = await api.describeConsent(asked);
  const again = await allowedBefore(c, oauth, asked, details);
  if (again !== null) return redirect(again);
  const { handle, headers } = await api.beginConsent(asked);
  const pending: PendingRequest = {
    clientName: details.clientName.slice(0, 200),
    clientHost: details.clientDomain ?? null,
    redirectHost: details.redirectHost,
    localhostOnly: details.redirectIsLoopback,
    scopes: asked.scope as Scope[],
  };
  await c.env.OAUTH_KV.put(await pendingName(handle), JSON.stringify(pending), {
    expirationTtl: DECISION_S,
  });
  headers.set('location', `${origin}/consent?request=${encodeURIComponent(handle)}`);
  headers.set('cache-control', 'no-store');
  return new Response(null, { status: 302, headers });
}

/**
 * Where the browser goes at once, when its person has allowed the same before and said so; null when they have to be asked. What goes to a program on the person's
 * own machine is always asked: any program there could be listening (RFC 8252, section 8.6).
 */
async function allowedBefore(
  c: AppContext,
  oauth: OAuthServer,
  asked: AuthRequest,
  details: ConsentDescription,
): Promise<string | null> {
  if (details.redirectIsLoopback) return null;
  const person = await sessionPerson(c.req.raw, c.env, c.var.config, c.var.clock);
  const tenantId = person?.session.tenantId ?? null;
  if (person === null || tenantId === null) return null;
  const remembered = await oauth
    .api(c.env)
    .isConsentRemembered(c.req.raw, asked, rememberedBy(c.var.config, person.userId, tenantId));
  if (!remembered || (await membershipOf(c.env.DB, person.userId, tenantId)) === null) return null;
  return complete(c, oauth, asked, details, { userId: person.userId, tenantId });
}

/** The scopes that are asked for and that we have; what an app gets that names none. */
function scopesAsked({ scope }: AuthRequest): readonly Scope[] {
  const known = SCOPES.filter((one) => scope.includes(one));
  const useful = known.filter((one) => one !== 'offline_access');
  return useful.length > 0 ? known : [...DEFAULT_APP_SCOPES, ...known];
}

/** Under what name a pending request is kept: a list of names gives nobody a handle. */
export async function pendingName(handle: string): Promise<string> {
  return `pending:${await sha256Hex(handle)}`;
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
}

/** A person reads this: the app cannot be told, since it is not known where it is. */
function refusedPage(description: string): Response {
  return new Response(
    `The app that sent you here made a mistake, so you were not signed in to it.\n\n${description}\n\nGo back to the app and try again, or tell its makers.\n`,
    {
      status: 400,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      },
    },
  );
}
