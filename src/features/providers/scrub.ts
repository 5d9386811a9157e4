import { redactText } from '../../platform/log.ts';

const MASK = '[redacted]';

/** A text without these secrets, in whole or in any of the forms an address or JSON gives them, and without what looks like a key. */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  // The longest first: of one that begins with another, nothing is left over.
  for (const secret of secrets.toSorted((a, b) => b.length - a.length)) {
    if (secret === '') continue;
    for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])) {
      clean = clean.replaceAll(form, MASK);
    }
  }
  return redactText(clean);
}
