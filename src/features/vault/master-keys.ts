import type { Config } from '../../platform/config.ts';
import { hex, hmac, utf8 } from '../../platform/crypto.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { readVersionedSecrets } from '../../platform/versioned-secrets.ts';

/** The keys that wrap tenants' data keys. A data key says which version wraps it. */
export interface MasterKeys {
  readonly current: number;
  readonly byVersion: ReadonlyMap<number, CryptoKey>;
}

const cache = new WeakMap<Config, Promise<MasterKeys>>();

/** Whether this deployment can seal anything. */
export function hasVault(config: Pick<Config, 'vaultMasterKey'>): boolean {
  return config.vaultMasterKey !== undefined;
}

/** The master keys of a configuration, imported once. Throws `ParallaxError` `unavailable` where there are none. */
export function masterKeysOf(config: Config): Promise<MasterKeys> {
  const setting = config.vaultMasterKey;
  if (setting === undefined) {
    throw new ParallaxError(
      'unavailable',
      'This deployment keeps no secrets: its operator has set no VAULT_MASTER_KEY.',
    );
  }
  let keys = cache.get(config);
  if (keys === undefined) {
    keys = importKeys(setting);
    cache.set(config, keys);
  }
  return keys;
}

/**
 * A tag of a secret that stands for it where requests are told apart: without the master key it says nothing, however short the secret. 64 hex digits; another one
 * after a new master key, so that a retry across it is refused as another request. Throws as `masterKeysOf`.
 */
export async function requestTag(config: Config, secret: string): Promise<string> {
  if (!hasVault(config)) await masterKeysOf(config);
  const [[, current]] = readVersionedSecrets('VAULT_MASTER_KEY', config.vaultMasterKey ?? '');
  const material = await crypto.subtle.importKey('raw', utf8(current), 'HKDF', false, ['deriveKey']);
  const key = await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8('parallax vault request tag') },
    material,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign'],
  );
  return hex(await hmac(key, utf8(secret)));
}

async function importKeys(setting: string): Promise<MasterKeys> {
  const entries = readVersionedSecrets('VAULT_MASTER_KEY', setting);
  const keys = await Promise.all(
    entries.map(async ([version, secret]) => [version, await derive(secret)] as const),
  );
  return { current: entries[0][0], byVersion: new Map(keys) };
}

/** AES-256 out of a secret text by HKDF-SHA-256 (RFC 5869): the setting may be any text of enough randomness. */
async function derive(secret: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveKey']);
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8('parallax vault master key') },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}
