import { ParallaxError } from '../../../platform/errors.ts';

/**
 * A path of this origin to come back to. Everything that a browser could read as another site is refused: other schemes, `//host`, `/\host`, control
 * characters that it would drop. Throws `ParallaxError` `invalid_parameter`.
 */
export function returnPath(text: string, origin: string): string {
  const local = /^\/(?![/\\])[^\\\p{Cc}]*$/u.test(text) && URL.canParse(text, origin);
  const url = local ? new URL(text, origin) : null;
  if (url !== null && url.origin === origin && !url.pathname.startsWith('//'))
    return `${url.pathname}${url.search}${url.hash}`;
  throw new ParallaxError(
    'invalid_parameter',
    '`return_to`: must be a path of this site, like "/settings".',
    {
      param: 'return_to',
    },
  );
}
