import type { Config } from '../../platform/config.ts';
import { hex, hmac, utf8 } from '../../platform/crypto.ts';
import { accountSecretsOf } from './accounts/account-secrets.ts';
import { mailboxOf } from './mailbox.ts';

/**
 * What a person is known by for what one gets once in a life, also after the account is gone: a keyed tag of their mailbox, which says nothing to whoever
 * reads the database alone. The current secret's tag first; those of older secrets know a person as long as they are kept.
 */
export async function personMarks(config: Config, email: string): Promise<readonly [string, ...string[]]> {
  const text = utf8(`person ${mailboxOf(email)}`);
  const [current, ...older] = await accountSecretsOf(config);
  const mark = async ({ key }: { readonly key: CryptoKey }) => hex(await hmac(key, text));
  return [await mark(current), ...(await Promise.all(older.map(mark)))];
}
