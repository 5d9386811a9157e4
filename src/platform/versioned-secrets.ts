import { ConfigError } from './config.ts';

export type VersionedSecret = readonly [version: number, secret: string];

const MIN_SECRET_LENGTH = 32;
const ENTRY = /^(\d{1,3}):(.+)$/;

/**
 * Reads a setting that holds one secret, which is version 1, or several as `version:secret` with commas between, the current one first
 * (`2:new,1:old`). Throws `ConfigError`, without any of the setting's text in it.
 */
export function readVersionedSecrets(
  name: string,
  setting: string,
): readonly [VersionedSecret, ...VersionedSecret[]] {
  if (!ENTRY.test(setting)) return [[1, setting]];
  const entries: VersionedSecret[] = setting.split(',').map((text, index) => {
    const match = ENTRY.exec(text.trim());
    const version = Number(match?.[1]);
    const secret = match?.[2] ?? '';
    if (!(version >= 1 && version <= 255) || secret.length < MIN_SECRET_LENGTH) {
      throw new ConfigError(
        `${name}: entry ${index + 1} must be "version:secret" with a version from 1 to 255 and a secret of at least ${MIN_SECRET_LENGTH} characters.`,
      );
    }
    return [version, secret];
  });
  if (new Set(entries.map(([version]) => version)).size !== entries.length) {
    throw new ConfigError(`${name}: two entries have the same version.`);
  }
  const [first, ...rest] = entries;
  if (first === undefined) throw new ConfigError(`${name} is empty.`);
  return [first, ...rest];
}
