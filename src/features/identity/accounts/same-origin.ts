import type { Config } from '../../../platform/config.ts';
import { ParallaxError } from '../../../platform/errors.ts';

/** What of a request tells where it comes from. */
export interface RequestHead {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
}

/** Methods that change nothing (RFC 9110, section 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The origin that people reach this deployment at. */
export function ownOrigin(request: Pick<RequestHead, 'url'>, config: Pick<Config, 'publicUrl'>): string {
  return new URL(config.publicUrl ?? request.url).origin;
}

/**
 * Refuses what changes something with a cookie and does not come from our own pages. Browsers send `Origin` with all such requests, and
 * programs that send neither it nor `Sec-Fetch-Site` are no browsers that somebody else's page could use. Throws `ParallaxError`
 * `origin_refused`.
 */
export function requireSameOrigin(request: RequestHead, config: Pick<Config, 'publicUrl'>): void {
  if (SAFE.has(request.method.toUpperCase()) || comesFromHere(request, config)) return;
  throw new ParallaxError(
    'origin_refused',
    'This was sent from another site. Do it on the pages of this deployment, or use an API key.',
  );
}

function comesFromHere({ url, headers }: RequestHead, config: Pick<Config, 'publicUrl'>): boolean {
  const origin = headers.get('origin');
  if (origin !== null) return origin === ownOrigin({ url }, config) || origin === new URL(url).origin;
  const site = headers.get('sec-fetch-site');
  return site === null || site === 'same-origin' || site === 'none';
}
