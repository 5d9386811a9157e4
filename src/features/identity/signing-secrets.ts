import { type Config, ConfigError } from '../../platform/config.ts';
import { hmacKey } from '../../platform/crypto.ts';

/**
 * The secrets that API keys are tagged with. A key says in its first byte which secret tagged it, so the secret can be changed
 * while older keys go on working until the old secret is taken away.
 */
export interface SigningSecrets {
  /** The version that new keys are tagged with. */
  readonly current: number;
  readonly byVersion: ReadonlyMap<number, CryptoKey>;
}

const MIN_SECRET_LENGTH = 32;
const ENTRY = /^(\d{1,3}):(.+)$/;

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
  const entries = readEntries(setting);
  const keys = await Promise.all(
    entries.map(async ([version, secret]) => [version, await hmacKey(secret)] as const),
  );
  return { current: entries[0][0], byVersion: new Map(keys) };
}

export type Entry = readonly [version: number, secret: string];

/** The entries of the setting, the current one first. Throws `ConfigError`. */
export function readEntries(setting: string): readonly [Entry, ...Entry[]] {
  if (!ENTRY.test(setting)) return [[1, setting]];
  const entries: Entry[] = setting.split(',').map((text, index) => {
    const match = ENTRY.exec(text.trim());
    const version = Number(match?.[1]);
    const secret = match?.[2] ?? '';
    if (!(version >= 1 && version <= 255) || secret.length < MIN_SECRET_LENGTH) {
      throw new ConfigError(
        `KEY_SIGNING_SECRET: entry ${index + 1} must be "version:secret" with a version from 1 to 255 and a secret of at least ${MIN_SECRET_LENGTH} characters.`,
      );
    }
    return [version, secret];
  });
  if (new Set(entries.map(([version]) => version)).size !== entries.length) {
    throw new ConfigError('KEY_SIGNING_SECRET: two entries have the same version.');
  }
  const [first, ...rest] = entries;
  if (first === undefined) throw new ConfigError('KEY_SIGNING_SECRET is empty.');
  return [first, ...rest];
}
