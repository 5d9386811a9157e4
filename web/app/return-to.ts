/** Where people go after signing in when nothing else was asked for. */
export const HOME = '/overview';

/** A way back within this site; anything that a browser could take for another site is not one. Pure. */
export function returnPath(text: unknown): string {
  if (typeof text !== 'string' || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(text)) return HOME;
  // Back to a door would lead around in a circle.
  return /^\/(?:sign-in|sign-up|$)/.test(text) ? HOME : text;
}
