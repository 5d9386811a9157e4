import { and, eq, ne } from 'drizzle-orm';
import type { Principal } from '../../../contracts/principal.ts';
import type { Clock } from '../../../platform/clock.ts';
import { platformDb } from '../../../platform/db.ts';
import type { AccountContext } from './account-context.ts';
import { changedMail } from './mails.ts';
import { userById } from './people.ts';
import { type Place, placeOf } from './place.ts';
import { credentialPlaces } from './schema.ts';
import { recordEvent } from './security-events.ts';
import { sendMail } from './send-mail.ts';

/** What this isolate has seen within the day: most requests come from where the one before came from, and cost one look-up here. */
const seen = new Map<string, number>();
const MOST_SEEN = 5_000;
const SEEN_MS = 24 * 60 * 60_000;

/** How unusual a key from another country is: people move servers, and thieves do not sit beside them. */
const RISK = 40;

/**
 * Whether a request's key or token comes from a country that this isolate has not seen it from lately. Null when there is nothing to write down: by far
 * the most. Cheap, and touches no storage.
 */
export function unseenPlace(
  principal: Principal,
  request: Request,
  clock: Clock,
): { readonly credential: string; readonly country: string } | null {
  const { via, keyId, clientId, userId } = principal;
  const credential = via === 'key' ? keyId : via === 'oauth' ? `${clientId} ${userId}` : undefined;
  const country = request.cf?.country;
  if (credential === undefined || typeof country !== 'string') return null;
  const name = `${credential} ${country}`;
  const now = clock.now();
  const last = seen.get(name);
  if (last !== undefined && now - last < SEEN_MS) return null;
  seen.delete(name);
  seen.set(name, now);
  for (const oldest of seen.keys()) {
    if (seen.size <= MOST_SEEN) break;
    seen.delete(oldest);
  }
  return { credential, country };
}

/**
 * Writes down where a key or token is used from. The first place is where it lives; a further one is a security event and a mail to its person. Once
 * for each place, however many isolates see it at the same moment.
 */
export async function notePlace(
  context: Pick<AccountContext, 'env' | 'config' | 'clock' | 'log' | 'requestId' | 'request' | 'origin'>,
  principal: Principal,
  { credential, country }: { readonly credential: string; readonly country: string },
): Promise<void> {
  const { env, clock, requestId, request } = context;
  const db = platformDb(env.DB);
  const now = clock.now();
  const [added] = await db
    .insert(credentialPlaces)
    .values({ credential, country, seenAt: now })
    .onConflictDoNothing()
    .returning({ country: credentialPlaces.country });
  if (added === undefined) {
    await db
      .update(credentialPlaces)
      .set({ seenAt: now })
      .where(and(eq(credentialPlaces.credential, credential), eq(credentialPlaces.country, country)));
    return;
  }
  const [other] = await db
    .select({ country: credentialPlaces.country })
    .from(credentialPlaces)
    .where(and(eq(credentialPlaces.credential, credential), ne(credentialPlaces.country, country)))
    .limit(1);
  if (other === undefined) return;
  const place: Place = await placeOf(request);
  const { userId } = principal;
  const kind = principal.via === 'key' ? 'new_place_key' : 'new_place_token';
  await recordEvent(env.DB, clock, { userId, kind, place, risk: RISK, requestId });
  const user = await userById(env.DB, userId);
  if (user === undefined) return;
  const what =
    kind === 'new_place_key'
      ? 'An API key of yours is used from a new country'
      : 'An app that you connected is used from a new country';
  await sendMail(context, changedMail({ user, origin: context.origin }, what, place), 'notice');
}
