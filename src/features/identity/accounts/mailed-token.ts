import { z } from 'zod';
import { base64url, equalBytes, fromBase64url, hmac, utf8 } from '../../../platform/crypto.ts';
import type { AccountSecret } from './account-secrets.ts';

/** What a mailed link proves: that whoever has it reads the mail of `email`. */
const contentSchema = z.discriminatedUnion('purpose', [
  z.object({ purpose: z.literal('verify'), userId: z.string(), email: z.string(), expiresAt: z.number() }),
  z.object({
    purpose: z.literal('change'),
    userId: z.string(),
    /** The address that the account has until then. */
    from: z.string(),
    email: z.string(),
    expiresAt: z.number(),
  }),
]);
export type MailedContent = z.infer<typeof contentSchema>;

/** A link works for so long, in milliseconds. */
export const LINK_MS = 60 * 60_000;

/** Keeps these tags apart from those of cookies, which the same secret makes. */
const PREFIX = 'mailed link\n';

/** A text that carries the content and a tag of ours; nothing needs to be stored. */
export async function writeMailedToken(
  secrets: readonly [AccountSecret, ...AccountSecret[]],
  content: MailedContent,
): Promise<string> {
  const body = base64url(utf8(JSON.stringify(content)));
  return `${body}.${base64url(await hmac(secrets[0].key, utf8(PREFIX + body)))}`;
}

/** What a token says; null for one that is forged, of another deployment, or too old. */
export async function readMailedToken(
  secrets: readonly AccountSecret[],
  token: string,
  now: number,
): Promise<MailedContent | null> {
  const [body = '', tag = '', ...rest] = token.split('.');
  const given = fromBase64url(tag);
  const bytes = fromBase64url(body);
  if (given === null || bytes === null || rest.length > 0) return null;
  for (const { key } of secrets) {
    if (!equalBytes(await hmac(key, utf8(PREFIX + body)), given)) continue;
    const content = contentSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return content.expiresAt > now ? content : null;
  }
  return null;
}
