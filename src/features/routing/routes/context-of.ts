import type { AppContext } from '../../../platform/http/context.ts';
import type { RoutingContext } from '../routing-context.ts';

/** What the services of this slice need of a request. */
export function contextOf(c: AppContext): RoutingContext {
  return { env: c.env, config: c.var.config, clock: c.var.clock };
}

export const TAG = 'Routing';
