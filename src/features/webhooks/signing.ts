import { base64, utf8 } from '../../platform/crypto.ts';

const PREFIX = 'whsec_';
/** Bytes of a secret: what Standard Webhooks asks for is 24 to 64. */
const SECRET_BYTES = 24;

/** A new signing secret: `whsec_` and random bytes in base64. */
export function newSigningSecret(): string {
  return PREFIX + base64(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
}

/**
 * The headers of a post: its id, the time in seconds, and a signature for each secret, so that a receiver that knows any of them can tell that it is ours.
 * HMAC-SHA-256 over `id.timestamp.body` (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export async function signedHeaders(
  { id, body, now }: { readonly id: string; readonly body: string; readonly now: number },
  secrets: readonly string[],
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000));
  const signatures = secrets.map(async (secret) => {
    const bytes = Uint8Array.from(atob(secret.slice(PREFIX.length)), (one) => one.charCodeAt(0));
    const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]);
    const signature = await crypto.subtle.sign('HMAC', key, utf8(`${id}.${timestamp}.${body}`));
    return `v1,${base64(new Uint8Array(signature))}`;
  });
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': (await Promise.all(signatures)).join(' '),
  };
}
