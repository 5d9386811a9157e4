import type { Config } from '../../../platform/config.ts';
import { hex, hmac, hmacKey, utf8 } from '../../../platform/crypto.ts';
import { readVersionedSecrets } from '../../../platform/versioned-secrets.ts';

/** The secrets of people's accounts, the current one first; older ones still open what they closed. */
export interface AccountSecret {
  readonly version: number;
  /** 64 hex digits. */
  readonly value: string;
  /** The same, imported for tags. */
  readonly key: CryptoKey;
}

/** What the secrets are derived for: nothing that one of them tags or seals is of use as an API key, or the other way round. */
const PURPOSE = 'parallax accounts 1';

const cache = new WeakMap<Config, Promise<readonly [AccountSecret, ...AccountSecret[]]>>();

/**
 * Derived from `KEY_SIGNING_SECRET`, version by version, so that a deployment has one secret to keep and changes both alike: with a
 * new first entry sessions of the older one go on until it is taken away, and authenticator apps stay readable as long as it is there.
 * Throws `ConfigError`.
 */
export function accountSecretsOf(config: Config): Promise<readonly [AccountSecret, ...AccountSecret[]]> {
  let secrets = cache.get(config);
  if (secrets === undefined) {
    secrets = derive(config.keySigningSecret);
    cache.set(config, secrets);
  }
  return secrets;
}

async function derive(setting: string): Promise<readonly [AccountSecret, ...AccountSecret[]]> {
  const [first, ...rest] = readVersionedSecrets('KEY_SIGNING_SECRET', setting);
  return [await one(first), ...(await Promise.all(rest.map(one)))];
}

async function one([version, secret]: readonly [number, string]): Promise<AccountSecret> {
  const value = hex(await hmac(await hmacKey(secret), utf8(PURPOSE)));
  return { version, value, key: await hmacKey(value) };
}
