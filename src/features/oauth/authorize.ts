import type { AuthRequest } from '@cloudflare/workers-oauth-provider';
import { DEFAULT_APP_SCOPES } from '../../contracts/oauth.ts';
import { SCOPES, type Scope } from '../../contracts/principal.ts';
import type { AppContext } from '../../platform/http/context.ts';
import { memberSince, ownOrigin, sessionPerson } from '../identity/index.ts';
import { hasApp } from './apps.ts';
import { complete, rememberedBy } from './decide.ts';
import { tooMany } from './flood.ts';
import { withinOAuth } from './outbound.ts';
import { DECISION_S, type PendingRequest, pendingName, pendingOf } from './pending.ts';
import { mayReceiveCodes } from './redirects.ts';
import { type OAuthServer, oauthServer, underOrigin } from './server.ts';

/**
 * `GET /oauth/authorize`: checks what an app asks for and sends the person to the page that asks them. An app or an address that is not known is told on a
 * page of ours, never by a redirect; everything else goes back to the app, as RFC 6749, section 4.1.2.1, says.
 */
export async function authorize(c: AppContext): Promise<Response> {
  const flooded = await tooMany(c, 'authorize');
  return flooded ?? withinOAuth(() => answer(c));
}

async function answer(c: AppContext): Promise<Response> {
  const { config } = c.var;
  const origin = ownOrigin(c.req.raw, config);
  const oauth = await oauthServer(origin);
  try {
    const request = await oauth.api(c.env).parseAuthRequest(underOrigin(c.req.raw, origin));
    if (!mayReceiveCodes(request.redirectUri)) return refusedPage(NOT_SENT);
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
      if (error.redirectTo === undefined) return refusedPage(error.description);
      return mayReceiveCodes(error.redirectTo) ? redirect(error.redirectTo) : refusedPage(NOT_SENT);
    }
    if (error instanceof CimdFetchError)
      return refusedPage('The app’s description could not be read at the address that it gave.');
    throw error;
  }
}

async function ask(c: AppContext, oauth: OAuthServer, origin: string, asked: AuthRequest): Promise<Response> {
  const api = oauth.api(c.env);
  const about = pendingOf(await api.describeConsent(asked), asked.redirectUri, asked.scope as Scope[]);
  const again = await allowedBefore(c, oauth, asked, about);
  if (again !== null) return redirect(again);
  const { handle, headers } = await api.beginConsent(asked);
  await c.env.OAUTH_KV.put(await pendingName(handle), JSON.stringify(about), { expirationTtl: DECISION_S });
  headers.set('location', `${origin}/consent?request=${encodeURIComponent(handle)}`);
  headers.set('cache-control', 'no-store');
  return new Response(null, { status: 302, headers });
}

/**
 * Where the browser goes at once, when its person has allowed the same before and said so; null when they have to be asked. What goes to a program on the person's
 * own machine is always asked: any program there could be listening (RFC 8252, section 8.6). So is what they have disconnected since.
 */
async function allowedBefore(
  c: AppContext,
  oauth: OAuthServer,
  asked: AuthRequest,
  about: PendingRequest,
): Promise<string | null> {
  // An app may want its person asked (OpenID Connect Core, section 3.1.2.1).
  const prompts = new URL(c.req.url).searchParams.get('prompt')?.split(' ') ?? [];
  if (about.localhostOnly || prompts.includes('consent') || prompts.includes('login')) return null;
  const person = await sessionPerson(c.req.raw, c.env, c.var.config, c.var.clock);
  const tenantId = person?.session.tenantId ?? null;
  if (person === null || tenantId === null) return null;
  const { userId } = person;
  const remembered = await oauth
    .api(c.env)
    .isConsentRemembered(c.req.raw, asked, rememberedBy(c.var.config, userId, tenantId));
  const since = remembered ? await memberSince(c.env, userId, tenantId) : null;
  if (since === null) return null;
  const wanted = { ...asked, scopes: about.scopes };
  if (!(await hasApp(c.env.DB, { tenantId, userId }, wanted, since))) return null;
  return complete(c, oauth, asked, about, { tenantId, userId });
}

/** The scopes that are asked for and that we have; what an app gets that names none. */
function scopesAsked({ scope }: AuthRequest): readonly Scope[] {
  const known = SCOPES.filter((one) => scope.includes(one));
  const useful = known.filter((one) => one !== 'offline_access');
  return useful.length > 0 ? known : [...DEFAULT_APP_SCOPES, ...known];
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
}

const NOT_SENT = 'It wants to be called back at an address that is neither https nor a program that we know.';

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
