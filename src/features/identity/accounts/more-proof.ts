import { eq } from 'drizzle-orm';
import type { SecondFactor, SignInAnswer } from '../../../contracts/accounts.ts';
import { platformDb } from '../../../platform/db.ts';
import type { AccountContext } from './account-context.ts';
import { authOf } from './auth.ts';
import { cookiesOf, headersFor } from './auth-call.ts';
import { openChallenge } from './challenges.ts';
import { tokenIn } from './finish-sign-in.ts';
import { codeMail } from './mails.ts';
import type { User } from './people.ts';
import { riskOf } from './risk.ts';
import { passkeys, sessions } from './schema.ts';
import { familiarOf, recordEvent } from './security-events.ts';
import { sendMail } from './send-mail.ts';

/** What else somebody has to prove. */
export type Asked = Extract<SignInAnswer, { status: 'second_factor' }>;

/** What is asked of somebody who has an authenticator app. */
export const ENROLLED: Asked = {
  status: 'second_factor',
  methods: ['totp', 'backup_code'],
  reason: 'enrolled',
};

export interface MoreProof {
  readonly asked: Asked;
  /** What binds the proof to this browser; no session among them. */
  readonly cookies: readonly string[];
}

/**
 * What a sign-in that another service vouches for lacks: the code of an authenticator app, where there is one, or a mailed code at an unusual place. The
 * session that was opened is taken back. Null when nothing lacks.
 */
export async function askAfterSocial(
  context: AccountContext,
  user: User,
  given: readonly string[],
): Promise<MoreProof | null> {
  if (!user.twoFactorEnabled) return askAtUnusualPlace(context, user, true, given);
  await takeSessionBack(context, given);
  const auth = await authOf(context);
  const { headers } = await auth.api.awaitSecondFactor({
    body: { userId: user.id },
    headers: headersFor(context.request, []),
    returnHeaders: true,
  });
  return { asked: ENROLLED, cookies: [...withoutSession(given), ...cookiesOf(headers)] };
}

/** When a sign-in comes from an unusual place: takes the session back and mails a code. Null when nothing more has to be proven. */
export async function askAtUnusualPlace(
  context: AccountContext,
  user: User,
  remember: boolean,
  given: readonly string[],
): Promise<MoreProof | null> {
  const { env, clock, place, requestId } = context;
  const { score, ask } = riskOf(place, await familiarOf(env.DB, user.id, clock));
  if (ask === null) return null;
  await takeSessionBack(context, given);
  const { code, cookie } = await openChallenge(context, { userId: user.id, remember, reason: ask });
  await recordEvent(env.DB, clock, {
    userId: user.id,
    kind: 'second_factor_asked',
    place,
    risk: score,
    requestId,
  });
  context.later('mailing a code', () => sendMail(context, codeMail(user, code, place), 'code'));
  const own = await platformDb(env.DB)
    .select({ id: passkeys.id })
    .from(passkeys)
    .where(eq(passkeys.userId, user.id))
    .limit(1);
  const methods: SecondFactor[] = own.length > 0 ? ['passkey', 'email_code'] : ['email_code'];
  return {
    asked: { status: 'second_factor', methods, reason: ask },
    cookies: [...withoutSession(given), cookie],
  };
}

/** Its token has left nobody's hands: the session goes before the answer does. */
async function takeSessionBack(context: AccountContext, given: readonly string[]): Promise<void> {
  const token = await tokenIn(context, given);
  if (token !== null) await platformDb(context.env.DB).delete(sessions).where(eq(sessions.token, token));
}

/** Nothing of a session that was taken back needs to reach the browser. */
export function withoutSession(cookies: readonly string[]): readonly string[] {
  return cookies.filter((cookie) => !/^__Host-parallax_session(?:_data)?=/.test(cookie));
}
