import { canonicalJson } from '../../platform/canonical-json.ts';
import { base64url, fromBase64url, utf8 } from '../../platform/crypto.ts';

/** Bytes of a nonce: 96 random bits, as AES-GCM takes them best (NIST SP 800-38D, section 8.2.2). */
const NONCE_BYTES = 12;
const FORMAT = '2';

/** What a sealed text belongs to. It opens nowhere else: not in another row, tenant or kind, nor in the place of a later text of the same row. */
export interface SealedFor {
  readonly tenantId: string;
  readonly kind: 'data_key' | 'provider_key' | 'vault_secret' | 'webhook_secret';
  readonly id: string;
  /** Counts the texts of a row; of a data key, the version of the master key that wraps it. */
  readonly version: number;
}

/** A sealed text that does not open: changed, moved, or sealed under another key. Says nothing of its content. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** Seals bytes with AES-256-GCM: `2.nonce.ciphertext`, both in base64url. What it is for is authenticated with it. */
export async function seal(
  key: CryptoKey,
  content: Uint8Array<ArrayBuffer>,
  sealedFor: SealedFor,
): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(parameters(nonce, sealedFor), key, content);
  return `${FORMAT}.${base64url(nonce)}.${base64url(new Uint8Array(sealed))}`;
}

/** Opens what `seal` made. Throws `SealBroken`. */
export async function open(
  key: CryptoKey,
  sealed: string,
  sealedFor: SealedFor,
): Promise<Uint8Array<ArrayBuffer>> {
  const [format, nonceText = '', text = '', ...more] = sealed.split('.');
  const nonce = fromBase64url(nonceText);
  const content = fromBase64url(text);
  // One text for one value: the last character of base64url has bits that mean nothing, and must be as they were written.
  const exact = content !== null && base64url(content) === text && more.length === 0;
  if (format !== FORMAT || nonce?.length !== NONCE_BYTES || !exact)
    throw new SealBroken('A sealed value is not readable.');
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(nonce, sealedFor), key, content));
  } catch {
    // What Web Crypto throws says nothing, on purpose.
    throw new SealBroken('A sealed value was changed, moved, or sealed under another key.');
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, sealedFor: SealedFor) {
  const { tenantId, kind, id, version } = sealedFor;
  return { name: 'AES-GCM', iv, additionalData: utf8(canonicalJson({ tenantId, kind, id, version })) };
}
