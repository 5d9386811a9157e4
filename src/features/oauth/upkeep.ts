import type { Config } from '../../platform/config.ts';
import { deleteOlder } from '../../platform/db.ts';
import { connectedApps } from './schema.ts';
import { IDLE_S, oauthServer } from './server.ts';

/** Somewhat longer than the library keeps what nobody uses, so that no row goes before its tokens. Milliseconds. */
const FORGOTTEN_MS = (IDLE_S + 24 * 3_600) * 1_000;

/** Forgets connections that nobody can use any more, and those that ended as long ago. */
export async function forgetOldApps(d1: D1Database, now: number): Promise<void> {
  await deleteOlder(d1, connectedApps, connectedApps.seenAt, now - FORGOTTEN_MS);
}

/**
 * Deletes grants and tokens that nobody can use any more; called by cron. What it did not come to is left for the next time. The records do not depend on the
 * address, so a deployment without one of its own may be asked under any.
 */
export async function forgetOldGrants(env: Env, config: Pick<Config, 'publicUrl'>): Promise<void> {
  const { server } = await oauthServer(config.publicUrl ?? 'https://parallax.invalid');
  await server.purgeExpiredData(env);
}
