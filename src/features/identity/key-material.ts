import { hmac, utf8 } from '../../platform/crypto.ts';
import type { SigningSecrets } from './signing-secrets.ts';

/** Where a new key's bytes come from. The same label gives independent bytes from different sources. */
export interface KeyMaterial {
  bytes(label: string, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Fresh random bytes. */
export const randomMaterial: KeyMaterial = {
  bytes: async (_label, length) => crypto.getRandomValues(new Uint8Array(length)),
};

/**
 * Bytes that follow from what `parts` name, for requests with an `Idempotency-Key`: the text of a key is kept nowhere, so a retry can
 * only be answered with the same key if the key can be computed again. `parts` must hold a random id that we chose, so that a
 * guessable `Idempotency-Key` does not make a guessable key. At most 32 bytes a label.
 */
export function derivedMaterial(secrets: SigningSecrets, parts: readonly string[]): KeyMaterial {
  return {
    async bytes(label, length) {
      const key = secrets.byVersion.get(secrets.current);
      if (key === undefined) throw new Error('the current signing secret is missing');
      if (length > 32) throw new RangeError('at most 32 bytes a label');
      // JSON keeps the parts apart whatever they hold; the first part keeps this use of the secret apart from tags.
      const data = utf8(JSON.stringify(['parallax key material', label, ...parts]));
      return (await hmac(key, data)).slice(0, length);
    },
  };
}
