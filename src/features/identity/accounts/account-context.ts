import type { Clock } from '../../../platform/clock.ts';
import type { Config } from '../../../platform/config.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import type { AppContext } from '../../../platform/http/context.ts';
import type { Logger } from '../../../platform/log.ts';
import type { MailEnv } from '../../../platform/mail/index.ts';
import { addressKey, type Place, placeOf } from './place.ts';
import { ownOrigin, requireSameOrigin } from './same-origin.ts';

export type AccountEnv = MailEnv &
  Pick<Env, 'AUDIT_CHAIN' | 'AUDIT_QUEUE'> & { readonly AUTH_RATE?: RateLimit };

/** What the services of people's accounts need of a request. */
export interface AccountContext {
  readonly env: AccountEnv;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly requestId: string;
  readonly request: Request;
  readonly place: Place;
  /** Where people reach the deployment, without a trailing slash. */
  readonly origin: string;
  /** Lets work go on after the answer. What fails in it is logged. */
  readonly later: (what: string, work: () => Promise<void>) => void;
}

/** The context of a request to one of our routes. */
export async function accountContext(c: AppContext): Promise<AccountContext> {
  const { config, clock, log, requestId } = c.var;
  return {
    env: c.env,
    config,
    clock,
    log,
    requestId,
    request: c.req.raw,
    place: await placeOf(c.req.raw),
    origin: ownOrigin(c.req.raw, config),
    later(what, work) {
      c.executionCtx.waitUntil(
        work().catch((error: unknown) => log.error(`${what} failed after the answer`, { error })),
      );
    },
  };
}

/** The same for a route that is open to strangers: from our own pages alone, and so many a minute from one address. */
export async function doorContext(c: AppContext): Promise<AccountContext> {
  requireSameOrigin(c.req.raw, c.var.config);
  const context = await accountContext(c);
  await requireFewFrom(context);
  return context;
}

async function requireFewFrom({ env, config, place }: AccountContext): Promise<void> {
  // On one's own machine everybody has the same address, tests in a hurry among them.
  if (config.environment === 'dev' || place.ip === null || env.AUTH_RATE === undefined) return;
  const { success } = await env.AUTH_RATE.limit({ key: addressKey(place.ip) });
  if (success) return;
  throw new ParallaxError(
    'rate_limited',
    'Too many requests came from your address. Please try again in a minute.',
    { retryAfterMs: 60_000, details: { limit: 'address' } },
  );
}
