import type { Context } from 'hono';
import type { LimitedOperation } from '../../contracts/plans.ts';
import type { Person, Principal } from '../../contracts/principal.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { ErrorShape } from './error-response.ts';

/** A request that was let in under a limit. */
export interface Admission {
  readonly principal: Principal;
  /** How the limit stands: what is counted, requests that its bucket holds, that are left, and milliseconds until it is full again. */
  readonly rate: {
    readonly name: 'requests' | 'perspectives';
    readonly limit: number;
    readonly remaining: number;
    readonly resetMs: number;
  };
  /** How the limit of tokens stands, once the request has taken some. */
  readonly tokens?: { readonly limit: number; readonly remaining: number; readonly resetMs: number };
  /**
   * Takes so many tokens, the request's estimate, of those that its user may use in a minute. What it returns is called, once, with what the request used
   * after all. Throws `rate_limited`.
   */
  takeTokens(estimate: number): Promise<(used: number) => void>;
  /** How old a kept answer may be that is given when the request does not say, in seconds; null: none. */
  readonly cacheMaxAgeS: number | null;
  /** Ends the request. Must be called, once it has ended whatever way; again changes nothing. */
  release(): void;
  /** Says, every few seconds while the request takes long, that it is still under way. */
  beat(): void;
}

/** What every request carries from the first middleware on. Read with `c.get(name)`: `c.var` makes an object of all of them each time. */
export interface RequestVariables {
  config: Config;
  clock: Clock;
  requestId: string;
  log: Logger;
  /** The response has the headers that every response has already: whoever made it wrote them at once, which costs less than adding them. */
  sealed?: boolean;
  /** The shape that an error of this request has; set by the operation that was matched. */
  errorShape: ErrorShape;
  /**
   * Who the request acts for, found once and kept. Throws `ParallaxError` `unauthenticated`.
   * Set by the app, so that the platform knows nothing of keys and sessions.
   */
  authenticate: () => Promise<Principal>;
  /** The same, and one of the requests of that kind that its user may make. Throws `rate_limited` besides. */
  admit: (operation: LimitedOperation) => Promise<Admission>;
  /** The admission of this request, when its operation is limited. */
  admission?: Admission;
  /** Who is signed in at the browser that asks, whatever their tenant. Throws `ParallaxError` `unauthenticated`. */
  person: () => Promise<Person>;
  /** Whether the bearer is the operator's token, or the person at the browser an operator. */
  isOperator: () => Promise<boolean>;
}

export interface AppEnv {
  Bindings: Env;
  Variables: RequestVariables;
}

export type AppContext = Context<AppEnv>;
