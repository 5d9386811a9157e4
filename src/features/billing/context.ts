import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { Logger } from '../../platform/log.ts';

/** What billing works with. */
export interface BillingContext {
  readonly env: Env;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}
