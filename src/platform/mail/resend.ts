import { type Mail, MailError, type Mailer } from './mail.ts';

export interface ResendSettings {
  readonly apiKey: string;
  /** Sender, as `Name <address>`. */
  readonly from: string;
  /** Where the service is; its own address unless a test says otherwise. */
  readonly baseUrl?: string;
  readonly timeoutMs?: number;
}

const RESEND = 'https://api.resend.com';
const TIMEOUT_MS = 10_000;

/** Mail through Resend's HTTP API (https://resend.com/docs/api-reference/emails/send-email). */
export function resendMailer({
  apiKey,
  from,
  baseUrl = RESEND,
  timeoutMs = TIMEOUT_MS,
}: ResendSettings): Mailer {
  return {
    name: 'resend',
    async send({ to, subject, text, html }: Mail, key?: string) {
      let response: Response;
      try {
        response = await fetch(`${baseUrl}/emails`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${apiKey}`,
            'content-type': 'application/json',
            ...(key === undefined ? {} : { 'idempotency-key': key }),
          },
          body: JSON.stringify({ from, to: [to], subject, text, html }),
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
        });
      } catch (cause) {
        throw new MailError('The mail service could not be reached.', true, { cause });
      }
      await response.body?.cancel();
      if (response.ok) return;
      const temporary = response.status === 429 || response.status >= 500;
      throw new MailError(`The mail service answered ${response.status}.`, temporary);
    },
  };
}
