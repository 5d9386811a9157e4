import type { Config } from '../../platform/config.ts';
import { hmacKey } from '../../platform/crypto.ts';
import { readVersionedSecrets } from '../../platform/versioned-secrets.ts';

/**
 * The secrets that API keys are tagged with. A key says in its first byte which secret tagged it, so the secret can be changed
 * while older keys go on working until the old secret is taken away.
 */
export interface SigningSecrets {
  /** The version that new keys are tagged with. */
  readonly current: number;
  readonly byVersion: ReadonlyMap<number, CryptoKey>;
}

const cache = new WeakMap<Config, Promise<SigningSecrets>>();

/** The secrets of a configuration, imported once. Throws `ConfigError` for a setting that cannot be read. */
export function signingSecretsOf(config: Config): Promise<SigningSecrets> {
  let secrets = cache.get(config);
  if (secrets === undefined) {
    secrets = importSecrets(config.keySigningSecret);
    cache.set(config, secrets);
  }
  return secrets;
}

/**
 * Reads `KEY_SIGNING_SECRET`: one secret, which is version 1, or several as `version:secret` with commas between, the first of which tags
 * new keys (`2:new,1:old`). Throws `ConfigError`, without any of the setting's text in it.
 */
export async function importSecrets(setting: string): Promise<SigningSecrets> {
  const entries = readVersionedSecrets('KEY_SIGNING_SECRET', setting);
  const keys = await Promise.all(
    entries.map(async ([version, secret]) => [version, await hmacKey(secret)] as const),
  );
  return { current: entries[0][0], byVersion: new Map(keys) };
}
