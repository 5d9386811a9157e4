import type { TokenExchangeCallbackOptions } from '@cloudflare/workers-oauth-provider';
import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { memberSince } from '../identity/index.ts';
import { type AppProps, activateApp, endApp, isLive, liveApp, noteUse } from './apps.ts';
import { grantOwner } from './grant-owner.ts';

/** What the library is asked to do about grants. */
interface Grants {
  readonly revokeGrant: (grantId: string, owner: string) => Promise<void>;
}

/**
 * Asked by the library before it gives tokens, when code or refresh token, client, verifier and resource have been found right. The database has the last
 * word: KV may still show for a minute what is gone. Says why there are no tokens; null when there are. Pure but for the database.
 *
 * A code counts once, exactly: whoever comes second, wherever, ends what the first was given (RFC 6749, section 4.1.2).
 */
export async function refusedTokens(
  { env, props, grantType, grantId }: TokenExchangeCallbackOptions<Env>,
  grants: Grants,
  clock: Clock,
  log: Logger,
): Promise<string | null> {
  const { appId, tenantId, userId } = props as AppProps;
  const own = { tenantId, userId };
  const since = await memberSince(env, userId, tenantId);
  if (grantType !== 'authorization_code') {
    const app = await liveApp(env.DB, { tenantId, userId }, appId);
    if (!isLive(app, since)) return 'This app was disconnected.';
    await noteUse(env.DB, { tenantId, userId }, appId, clock.now());
    return null;
  }
  const activated = await activateApp(env.DB, { tenantId, userId }, { appId, grantId, since }, clock);
  if (activated === null) {
    await endApp(env.DB, { tenantId, userId }, appId, clock);
    return 'The authorization code was used already, or has expired.';
  }
  // They have ended in the database: should these stay, they open nothing.
  for (const replaced of activated.replacedGrants)
    await grants
      .revokeGrant(replaced, grantOwner(own))
      .catch((error: unknown) => log.warn('a replaced grant is still there', { error }));
  return null;
}
