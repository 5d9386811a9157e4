import { and, desc, eq } from 'drizzle-orm';
import type { PasskeyAssertion } from '../../../contracts/accounts.ts';
import type { Person } from '../../../contracts/principal.ts';
import { platformDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AccountContext } from './account-context.ts';
import { authOf } from './auth.ts';
import { authRefusal, cookiesOf, headersFor } from './auth-call.ts';
import { finishSignIn, type SignedIn } from './finish-sign-in.ts';
import { changedMail } from './mails.ts';
import { noteEvent } from './note-event.ts';
import { requireProof } from './proof.ts';
import { passkeys } from './schema.ts';
import { sendMail } from './send-mail.ts';

export type Passkey = typeof passkeys.$inferSelect;

/** Most passkeys of one person. */
const MOST = 50;

interface Options {
  readonly options: object;
  readonly cookies: readonly string[];
}

/** What the browser needs to sign in with a passkey: the same for everybody, so it tells nobody who has one. */
export async function passkeySignInOptions(context: AccountContext): Promise<Options> {
  const auth = await authOf(context);
  const { response, headers } = await auth.api.generatePasskeyAuthenticationOptions({
    headers: headersFor(context.request, []),
    returnHeaders: true,
  });
  return { options: { ...response, userVerification: 'required' }, cookies: cookiesOf(headers) };
}

/**
 * Signs in with a passkey. It stands for two factors, the device and what opens it, so nothing more is asked for. Throws `ParallaxError`
 * `unauthenticated`.
 */
export async function signInWithPasskey(
  context: AccountContext,
  response: PasskeyAssertion,
): Promise<SignedIn> {
  const auth = await authOf(context);
  try {
    const { response: answer, headers } = await auth.api.verifyPasskeyAuthentication({
      body: { response },
      headers: headersFor(context.request, ['passkey']),
      returnHeaders: true,
    });
    return await finishSignIn(context, answer.session.userId, cookiesOf(headers));
  } catch (error) {
    if (authRefusal(error) === null) throw error;
    throw new ParallaxError(
      'unauthenticated',
      'This passkey could not be used. It may have been removed, or the page has waited too long.',
      { details: { reason: 'passkey_refused' } },
    );
  }
}

/** What the browser needs to make a passkey. Throws what `requireProof` throws. */
export async function newPasskeyOptions(
  context: AccountContext,
  person: Person,
  password: string | undefined,
): Promise<Options> {
  await requireProof(context, person, password);
  const auth = await authOf(context);
  const { response, headers } = await auth.api.generatePasskeyRegistrationOptions({
    headers: headersFor(context.request, ['session']),
    returnHeaders: true,
  });
  return { options: response, cookies: cookiesOf(headers) };
}

/** Keeps the passkey that the browser has made. Throws `ParallaxError` `invalid_parameter` for one that does not fit what was asked for. */
export async function addPasskey(
  context: AccountContext,
  person: Person,
  { name, response }: { readonly name: string; readonly response: Record<string, unknown> },
): Promise<Passkey> {
  const { env, place, origin } = context;
  const auth = await authOf(context);
  let id: string;
  try {
    const made = await auth.api.verifyPasskeyRegistration({
      body: { name, response },
      headers: headersFor(context.request, ['session', 'passkey']),
    });
    id = made.id;
  } catch (error) {
    // The library answers a response that does not verify with 500.
    if (authRefusal(error) === null) throw error;
    throw new ParallaxError(
      'invalid_parameter',
      '`response`: this passkey could not be kept. Please try again; the page may have waited too long.',
      { param: 'response', cause: error },
    );
  }
  const [made] = await platformDb(env.DB).select().from(passkeys).where(eq(passkeys.id, id)).limit(1);
  if (made === undefined) throw new Error('a passkey that was made is not there');
  await noteEvent(context, {
    userId: person.userId,
    tenantId: person.session.tenantId,
    kind: 'passkey_added',
  });
  context.later('telling of a passkey', () =>
    sendMail(
      context,
      changedMail({ user: person, origin }, 'Your account has a new passkey', place),
      'notice',
    ),
  );
  return made;
}

export async function listPasskeys({ env }: Pick<AccountContext, 'env'>, userId: string): Promise<Passkey[]> {
  return platformDb(env.DB)
    .select()
    .from(passkeys)
    .where(eq(passkeys.userId, userId))
    .orderBy(desc(passkeys.id))
    .limit(MOST);
}

/** Removes one of a person's passkeys. Throws `ParallaxError` `not_found` for another person's too. */
export async function removePasskey(context: AccountContext, person: Person, id: string): Promise<void> {
  const { env } = context;
  const { userId } = person;
  const removed = await platformDb(env.DB)
    .delete(passkeys)
    .where(and(eq(passkeys.id, id), eq(passkeys.userId, userId)))
    .returning({ id: passkeys.id });
  if (removed.length === 0) throw new ParallaxError('not_found', 'There is no such passkey.');
  await noteEvent(context, { userId, tenantId: person.session.tenantId, kind: 'passkey_removed' });
}
