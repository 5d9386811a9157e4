import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** Reads a file of `NAME=value` lines; `{}` when there is none. */
export function readVars(path: string): Record<string, string> {
  if (!existsSync(path)) return {};
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(readFileSync(path, 'utf8')))) {
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** Writes such a file, readable by its owner alone. Values must be single lines. */
export function writeVars(path: string, values: Readonly<Record<string, string>>): void {
  const lines = Object.entries(values).map(([name, value]) => {
    if (/[\r\n]/.test(value)) throw new Error(`${name} has a line break; a setting is one line`);
    // wrangler expands `$NAME` in such a file, quoted or not; a dollar sign that means itself is escaped.
    const text = value.replaceAll('$', '\\$');
    return `${name}=${text.includes("'") ? JSON.stringify(text) : `'${text}'`}`;
  });
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
  // The mode above counts only for a new file.
  chmodSync(path, 0o600);
}

/**
 * The secrets of a local deployment, made once and kept in `<folder>/dev.vars`: a new signing secret would make every key that was
 * handed out invalid.
 */
export function localSecrets(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'dev.vars');
  const kept = readVars(path);
  const secrets = {
    KEY_SIGNING_SECRET: kept.KEY_SIGNING_SECRET ?? randomBytes(32).toString('base64url'),
    VAULT_MASTER_KEY: kept.VAULT_MASTER_KEY ?? randomBytes(32).toString('base64url'),
    OPERATOR_TOKEN: kept.OPERATOR_TOKEN ?? randomBytes(32).toString('base64url'),
  };
  writeVars(path, secrets);
  return secrets;
}
