import { type Mail, MailError, type Mailer } from './mail.ts';

/** Mail through a `send_email` binding (https://developers.cloudflare.com/email-service/). */
export function cloudflareMailer(binding: Pick<SendEmail, 'send'>, from: string): Mailer {
  return {
    name: 'cloudflare',
    async send({ to, subject, text, html }: Mail) {
      try {
        await binding.send({ from, to, subject, text, html });
      } catch (cause) {
        throw new MailError('The mail service did not accept the mail.', true, { cause });
      }
    },
  };
}
