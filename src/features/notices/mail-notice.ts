import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Principal } from '../../contracts/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { tenantDb } from '../../platform/db.ts';
import type { Logger } from '../../platform/log.ts';
import { layOut, type MailEnv, MailError, mailerOf } from '../../platform/mail/index.ts';
import { managersOf } from '../identity/index.ts';
import { addNotice, type Notice } from './notices.ts';
import { notices } from './schema.ts';

/** A mail that was not accepted is tried again after so many seconds. */
const AGAIN_S = 300;

/** Says to the queue that a person is to get a notice by mail. */
export const noticeMailMessageSchema = z.object({
  version: z.literal(1),
  kind: z.literal('notice_mail'),
  tenantId: z.string(),
  noticeId: z.string(),
  userId: z.string(),
});
export type NoticeMailMessage = z.infer<typeof noticeMailMessageSchema>;

/** What mailing works with. */
export interface MailContext {
  readonly env: Pick<Env, 'DB' | 'OUTGOING_QUEUE'> & MailEnv;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Tells a tenant's owners and admins something, in the web app and by mail. May be repeated: the notice is there once by its id, and each mail carries a key by
 * which a mail service that knows such keys sends it once. Throws what the database and the queue throw.
 */
export async function tellManagers(
  { env }: Pick<MailContext, 'env'>,
  { tenantId }: Pick<Principal, 'tenantId'>,
  notice: Notice & { readonly audience: 'managers' },
): Promise<void> {
  await addNotice(env.DB, { tenantId }, notice);
  for (const { userId } of await managersOf(env.DB, tenantId)) {
    const message: NoticeMailMessage = {
      version: 1,
      kind: 'notice_mail',
      tenantId,
      noticeId: notice.id,
      userId,
    };
    await env.OUTGOING_QUEUE.send(message, { contentType: 'json' });
  }
}

/** Sends somebody a notice, if they still manage its tenant. Returns the seconds until it is to be tried again, null when there is nothing to try. */
export async function mailNotice(
  { env, config, clock, log }: MailContext,
  { tenantId, noticeId, userId }: NoticeMailMessage,
): Promise<number | null> {
  const [notice, managers] = await Promise.all([
    tenantDb(env.DB, { tenantId }).first(notices, eq(notices.id, noticeId)),
    managersOf(env.DB, tenantId),
  ]);
  const person = managers.find((one) => one.userId === userId);
  if (notice === undefined || person === undefined) return null;
  const mail = layOut({
    to: person.email,
    subject: notice.title,
    paragraphs: [`Hello ${person.name},`, `${notice.title}.`, notice.body],
    ...(config.publicUrl === undefined || notice.link === null
      ? {}
      : { action: { label: 'Open it in Parallax', url: `${config.publicUrl}${notice.link}` } }),
    footer: `You get this mail because you manage ${person.tenantName} on Parallax.`,
  });
  try {
    await mailerOf(env, config, clock).send(mail, `${tenantId}/${noticeId}/${userId}`);
    return null;
  } catch (error) {
    log.error('a notice could not be mailed', { tenant: tenantId, notice: noticeId, error });
    return error instanceof MailError && !error.temporary ? null : AGAIN_S;
  }
}
