import type { Config } from '../../../platform/config.ts';
import { ParallaxError } from '../../../platform/errors.ts';

/** Names that a machine has for itself. */
const LOOPBACK = /^(?:localhost|(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * Lets only a local deployment pass, asked by the name that its machine has for itself: one that was deployed with a local one's settings by mistake must
 * not show people's mails to everybody. Throws `ParallaxError` `not_found`, as if the route did not exist.
 */
export function requireLocal({ environment }: Pick<Config, 'environment'>, url: string): void {
  if (environment === 'test' || (environment === 'dev' && LOOPBACK.test(new URL(url).hostname))) return;
  throw new ParallaxError('not_found', 'There is no such route.');
}
