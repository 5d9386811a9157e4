import type { AppContext } from '../../../platform/http/context.ts';
import type { IdentityContext } from '../issue-key.ts';

/** What the services of this slice need of a request. */
export function contextOf(c: AppContext): IdentityContext {
  return { env: c.env, config: c.var.config, clock: c.var.clock };
}

/** An answer that holds a key must not be kept by anything on its way. */
export const NO_STORE = { 'cache-control': 'no-store' } as const;
