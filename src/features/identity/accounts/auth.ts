import { systemClock } from '../../../platform/clock.ts';
import type { Config } from '../../../platform/config.ts';
import { createLogger } from '../../../platform/log.ts';
import type { AccountContext, AccountEnv } from './account-context.ts';
import { accountSecretsOf } from './account-secrets.ts';
import type { Auth } from './better-auth.ts';
import { resetMail } from './mails.ts';
import { sendMail } from './send-mail.ts';

/** A deployment has one or two origins; a stranger who asks under many must not fill the memory. */
const MOST_ORIGINS = 4;

/** One instance an isolate and origin: making it costs as much as a sign-in. */
const instances = new WeakMap<object, Map<string, Promise<Auth>>>();

/** better-auth, loaded when an account route is first asked: a cold gateway request does not pay for it. */
export function authOf({
  env,
  config,
  origin,
}: Pick<AccountContext, 'env' | 'config' | 'origin'>): Promise<Auth> {
  let byOrigin = instances.get(env);
  if (byOrigin === undefined) {
    byOrigin = new Map();
    instances.set(env, byOrigin);
  }
  let auth = byOrigin.get(origin);
  if (auth === undefined) {
    auth = load(env, config, origin);
    byOrigin.set(origin, auth);
    for (const oldest of byOrigin.keys()) {
      if (byOrigin.size <= MOST_ORIGINS) break;
      byOrigin.delete(oldest);
    }
    // A failure is not kept.
    auth.catch(() => byOrigin.delete(origin));
  }
  return auth;
}

async function load(env: AccountEnv, config: Config, origin: string): Promise<Auth> {
  const [{ createAuth }, secrets] = await Promise.all([import('./better-auth.ts'), accountSecretsOf(config)]);
  const log = createLogger({ part: 'better-auth' });
  return createAuth({
    db: env.DB,
    origin,
    secrets,
    socialApps: config.socialApps,
    log,
    sendReset: async (user, token) => {
      await sendMail({ env, config, clock: systemClock, log }, resetMail({ user, origin, token }), 'asked');
    },
  });
}
