import { and, eq, gte } from 'drizzle-orm';
import type { SocialProvider } from '../../../contracts/accounts.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AccountContext } from './account-context.ts';
import { authOf } from './auth.ts';
import { cookiesOf, headersFor } from './auth-call.ts';
import { finishSignIn, tokenIn } from './finish-sign-in.ts';
import { changedMail } from './mails.ts';
import { type Asked, askAfterSocial } from './more-proof.ts';
import { type User, userById } from './people.ts';
import { returnPath } from './return-path.ts';
import { accounts, sessions } from './schema.ts';
import { recordEvent } from './security-events.ts';
import { sendMail } from './send-mail.ts';

/** Where people are sent when a sign-in with another service fails; the page reads `error`. */
const SIGN_IN_PAGE = '/sign-in';

/**
 * Begins a sign-in with another service: where to send the browser, and the cookie that binds the answer to it. Throws `ParallaxError` `not_found`
 * for a service that this deployment has no application at, `invalid_parameter` for a way back to another site.
 */
export async function beginSocial(
  context: AccountContext,
  provider: SocialProvider,
  returnTo: string,
): Promise<{ readonly url: string; readonly cookies: readonly string[] }> {
  const { config, origin } = context;
  if (config.socialApps[provider] === undefined)
    throw new ParallaxError('not_found', 'This service is not set up here.');
  const path = returnPath(returnTo, origin);
  const auth = await authOf(context);
  const { response, headers } = await auth.api.signInSocial({
    body: {
      provider,
      callbackURL: `${origin}${path}`,
      errorCallbackURL: `${origin}${SIGN_IN_PAGE}`,
      disableRedirect: true,
    },
    headers: headersFor(context.request, []),
    returnHeaders: true,
  });
  if (response.url === undefined || response.url === null)
    throw new Error('a social sign-in without an address');
  return { url: response.url, cookies: cookiesOf(headers) };
}

/**
 * Ends it: the service has sent the browser back. Always a redirect, to a page of ours; what failed stands in its `error`, and what else has to be
 * proven in its `second_factor`: a service's word opens no account that asks for more than a password. Accounts are linked only
 * when the service has proven the address and so have we; a proven address that is nobody's makes a new person.
 */
export async function endSocial(
  context: AccountContext,
  provider: SocialProvider,
  query: Readonly<Record<string, string>>,
): Promise<{ readonly location: string; readonly cookies: readonly string[] }> {
  const { config, origin, env, clock } = context;
  if (config.socialApps[provider] === undefined)
    throw new ParallaxError('not_found', 'This service is not set up here.');
  const began = clock.now();
  const auth = await authOf(context);
  const response = await auth.api.callbackOAuth({
    params: { id: provider },
    query,
    headers: headersFor(context.request, ['social']),
    asResponse: true,
  });
  const cookies = cookiesOf(response.headers);
  const location = ownLocation(response.headers.get('location'), origin);
  const token = await tokenIn(context, cookies);
  if (token === null) return { location, cookies };
  const [session] = await platformDb(env.DB)
    .select({ userId: sessions.userId })
    .from(sessions)
    .where(eq(sessions.token, token))
    .limit(1);
  if (session === undefined) throw new Error('a social sign-in without a session');
  const user = await userById(env.DB, session.userId);
  if (user === undefined) throw new Error('a social sign-in without a person');
  await tellOfLink(context, provider, user, began);
  const more = await askAfterSocial(context, user, cookies);
  if (more !== null) return { location: askingPage(more.asked, location, origin), cookies: more.cookies };
  await finishSignIn(context, user.id, cookies);
  return { location, cookies };
}

/** Where the browser is asked for more than the service's word, and where it goes from there. */
function askingPage({ methods, reason }: Asked, location: string, origin: string): string {
  const url = new URL(SIGN_IN_PAGE, origin);
  url.searchParams.set('second_factor', methods.join(','));
  url.searchParams.set('reason', reason);
  url.searchParams.set('return_to', location.slice(origin.length));
  return url.href;
}

/** An account that got a further way in says so to its person. */
async function tellOfLink(
  context: AccountContext,
  provider: SocialProvider,
  user: User,
  began: number,
): Promise<void> {
  const { env, clock, place, origin, requestId } = context;
  if (user.createdAt >= began) return;
  const [linked] = await platformDb(env.DB)
    .select({ id: accounts.id })
    .from(accounts)
    .where(
      and(
        eq(accounts.userId, user.id),
        eq(accounts.providerId, provider),
        gte(accounts.createdAt, new Date(began)),
      ),
    )
    .limit(1);
  if (linked === undefined) return;
  await recordEvent(env.DB, clock, { userId: user.id, kind: 'social_account_linked', place, requestId });
  context.later('telling of a linked account', () =>
    sendMail(
      context,
      changedMail({ user, origin }, `One can sign in to your account with ${provider} now`, place),
      'notice',
    ),
  );
}

/** Whatever the library says, the browser goes to a page of ours. */
function ownLocation(location: string | null, origin: string): string {
  const url = location !== null && URL.canParse(location, origin) ? new URL(location, origin) : null;
  if (url === null || url.origin !== origin) return `${origin}${SIGN_IN_PAGE}?error=internal_server_error`;
  // Its own description may hold what the service said; the code is enough for the page.
  url.searchParams.delete('error_description');
  return url.href;
}
