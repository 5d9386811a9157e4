import type { Config } from '../../../platform/config.ts';
import { ParallaxError } from '../../../platform/errors.ts';

/** Lets only a local deployment pass: a deployed one answers as if the route did not exist. Throws `ParallaxError` `not_found`. */
export function requireLocal({ environment }: Pick<Config, 'environment'>): void {
  if (environment === 'production') throw new ParallaxError('not_found', 'There is no such route.');
}
