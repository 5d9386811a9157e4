import { fromBase64url } from '../../../platform/crypto.ts';
import type { AccountSecret } from './account-secrets.ts';

/** `__Host-`: the browser takes it from this host over TLS (or from loopback) alone, for every path, and never from a subdomain. */
export const COOKIE_PREFIX = '__Host-parallax_';
export const SESSION_COOKIE = `${COOKIE_PREFIX}session`;

/** The value of a cookie in a request's header; null when it is not there. The first one counts. */
export function cookieIn(headers: Headers, name: string): string | null {
  const header = headers.get('cookie');
  if (header === null) return null;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at >= 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/**
 * The session's token in a cookie `token.tag`, as better-auth writes it: the tag is HMAC-SHA-256 in base64, the whole percent-encoded. Null for a
 * forgery, which therefore costs no storage access.
 */
export async function genuineToken(value: string, secrets: readonly AccountSecret[]): Promise<string | null> {
  const text = decoded(value);
  const at = text?.lastIndexOf('.') ?? -1;
  if (text === null || at < 1 || text.length > 512) return null;
  const token = text.slice(0, at);
  const tag = fromBase64url(
    text
      .slice(at + 1)
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/=+$/, ''),
  );
  if (tag === null || tag.length !== 32) return null;
  const bytes = new TextEncoder().encode(token);
  for (const { key } of secrets) if (await crypto.subtle.verify('HMAC', key, tag, bytes)) return token;
  return null;
}

function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not percent-encoded text: nothing that we have written.
    return null;
  }
}
