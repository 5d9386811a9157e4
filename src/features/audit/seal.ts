import { createHmac } from 'node:crypto';
import { canonicalJson } from '../../platform/canonical-json.ts';
import type { Config } from '../../platform/config.ts';
import { equalBytes, utf8 } from '../../platform/crypto.ts';
import { readVersionedSecrets } from '../../platform/versioned-secrets.ts';

/**
 * What is sealed with a secret that the database does not hold: the end of a chain, which no later entry confirms, and the checkpoint that stands for
 * entries that were deleted. Without the secret neither can be made to fit a chain that was changed.
 */
export interface Sealed {
  readonly what: 'head' | 'checkpoint';
  readonly tenantId: string;
  readonly seq: number;
  readonly hash: string;
}

/** Makes and checks seals: `version.` and HMAC-SHA-256 (RFC 2104) in hex. An older secret is accepted as long as it is listed. */
export class Sealer {
  readonly #current: number;
  readonly #secrets: ReadonlyMap<number, string>;

  constructor(config: Pick<Config, 'keySigningSecret'>) {
    const entries = readVersionedSecrets('KEY_SIGNING_SECRET', config.keySigningSecret);
    this.#current = entries[0][0];
    this.#secrets = new Map(entries);
  }

  seal(sealed: Sealed): string {
    return this.#sealWith(this.#current, sealed) ?? '';
  }

  isGenuine(sealed: Sealed, seal: string): boolean {
    const version = Number(seal.slice(0, seal.indexOf('.')));
    const expected = this.#sealWith(version, sealed);
    return expected !== null && equalBytes(utf8(expected), utf8(seal));
  }

  #sealWith(version: number, { what, tenantId, seq, hash }: Sealed): string | null {
    const secret = this.#secrets.get(version);
    if (secret === undefined) return null;
    const text = canonicalJson({ seal: 'parallax audit', what, tenantId, seq, hash });
    return `${version}.${createHmac('sha256', secret).update(text).digest('hex')}`;
  }
}
