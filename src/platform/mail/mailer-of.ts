import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { cloudflareMailer } from './cloudflare.ts';
import { MailError, type Mailer } from './mail.ts';
import { outboxMailer } from './outbox.ts';
import { resendMailer } from './resend.ts';

export interface MailEnv {
  readonly DB: D1Database;
  /** There when the deployment declares a `send_email` binding of this name. */
  readonly EMAIL?: SendEmail;
}

type MailConfig = Pick<Config, 'environment' | 'mail'>;

/**
 * How this deployment sends mail: through Resend when it has a key, else through its `EMAIL` binding, else, on a local one, into the outbox.
 * A deployed one without either sends none: each mail is then an error in the log that says what to set.
 */
export function mailerOf(env: MailEnv, { environment, mail }: MailConfig, clock: Clock): Mailer {
  const { from, resendApiKey, resendUrl } = mail;
  if (resendApiKey !== undefined && from !== undefined) {
    return resendMailer({
      apiKey: resendApiKey,
      from,
      ...(resendUrl === undefined ? {} : { baseUrl: resendUrl }),
    });
  }
  if (environment !== 'production') return outboxMailer(env.DB, clock);
  if (env.EMAIL !== undefined && from !== undefined) return cloudflareMailer(env.EMAIL, from);
  return {
    name: 'outbox',
    send: () =>
      Promise.reject(
        new MailError(
          'No mail can be sent: set MAIL_FROM, and RESEND_API_KEY or a send_email binding named EMAIL.',
          false,
        ),
      ),
  };
}
