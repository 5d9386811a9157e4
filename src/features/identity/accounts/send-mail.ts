import { type Mail, MailError, mailerOf } from '../../../platform/mail/index.ts';
import type { AccountContext } from './account-context.ts';
import { MAIL_RULE } from './attempt-rules.ts';
import { withinBound } from './attempts.ts';

/** How often a mail is tried that the service did not take for the moment, and how long after, in milliseconds. */
const TRIES = 3;
const BETWEEN_MS = 1_000;

/**
 * Sends somebody a mail. Those that strangers can make us send (`asked`) are a few an hour to one address; what tells people of their account's
 * security is never held back, and cannot be crowded out. Resolves also when it was not sent: who asked must not
 * learn from the answer whether there is such a person. What went wrong is in the log, without address or text.
 */
export async function sendMail(
  { env, config, clock, log }: Pick<AccountContext, 'env' | 'config' | 'clock' | 'log'>,
  mail: Mail,
  kind: 'asked' | 'code' | 'notice',
): Promise<void> {
  if (kind !== 'notice' && !(await withinBound(env.DB, `mail ${kind}`, mail.to, MAIL_RULE, clock))) {
    log.warn('a mail was not sent: too many went to its address within the hour', { subject: mail.subject });
    return;
  }
  const mailer = mailerOf(env, config, clock);
  for (let tries = 1; ; tries++) {
    try {
      return await mailer.send(mail);
    } catch (error) {
      if (!(error instanceof MailError) || !error.temporary || tries >= TRIES) {
        log.error('a mail was not sent', { subject: mail.subject, mailer: mailer.name, error });
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    }
  }
}
