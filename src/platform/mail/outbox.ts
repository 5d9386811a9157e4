import { and, desc, eq, lt } from 'drizzle-orm';
import type { Clock } from '../clock.ts';
import { platformDb } from '../db.ts';
import { newId } from '../ids.ts';
import type { Mail, Mailer } from './mail.ts';
import { devMails } from './schema.ts';

/** A mail of the local outbox. */
export interface KeptMail extends Mail {
  readonly id: string;
  readonly createdAt: number;
}

const KEPT_MS = 7 * 24 * 60 * 60_000;

/** Keeps mails in the database instead of sending them, for a person to read at `/dev/mailbox`. Local deployments only. */
export function outboxMailer(d1: D1Database, clock: Clock): Mailer {
  return {
    name: 'outbox',
    async send({ to, subject, text, html }, key) {
      const db = platformDb(d1);
      const now = clock.now();
      await db.batch([
        db
          .insert(devMails)
          .values({
            id: newId('mail', now),
            key: key ?? null,
            recipient: to.toLowerCase(),
            subject,
            text,
            html,
            createdAt: now,
          })
          .onConflictDoNothing(),
        db.delete(devMails).where(lt(devMails.createdAt, now - KEPT_MS)),
      ]);
    },
  };
}

/** Mails of the outbox, newest first. */
export async function keptMails(
  d1: D1Database,
  { to, limit }: { readonly to?: string | undefined; readonly limit: number },
): Promise<KeptMail[]> {
  const rows = await platformDb(d1)
    .select()
    .from(devMails)
    .where(and(to === undefined ? undefined : eq(devMails.recipient, to.toLowerCase())))
    .orderBy(desc(devMails.id))
    .limit(limit);
  return rows.map(({ recipient, key: _, ...mail }) => ({ ...mail, to: recipient }));
}
