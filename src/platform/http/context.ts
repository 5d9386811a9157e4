import type { Context } from 'hono';
import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { ErrorShape } from './error-response.ts';

/** What every request carries from the first middleware on. */
export interface RequestVariables {
  config: Config;
  clock: Clock;
  requestId: string;
  log: Logger;
  /** The shape that an error of this request has; set by the operation that was matched. */
  errorShape: ErrorShape;
  /**
   * Who the request acts for, found once and kept. Throws `ParallaxError` `unauthenticated`.
   * Set by the app, so that the platform knows nothing of keys and sessions.
   */
  authenticate: () => Promise<Principal>;
  /** Whether the bearer is the operator's token. */
  isOperator: () => Promise<boolean>;
}

export interface AppEnv {
  Bindings: Env;
  Variables: RequestVariables;
}

export type AppContext = Context<AppEnv>;
