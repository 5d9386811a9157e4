import type { Config } from '../../platform/config.ts';
import { oauthServer } from './server.ts';

/** Deletes grants and tokens that nobody can use any more; called by cron. What it did not come to is left for the next time. */
export async function forgetOldGrants(env: Env, config: Pick<Config, 'publicUrl'>): Promise<void> {
  // The records do not depend on the address; a deployment without one of its own has its tokens under each that it was asked at.
  const { server } = await oauthServer(config.publicUrl ?? 'https://parallax.invalid');
  await server.purgeExpiredData(env);
}
