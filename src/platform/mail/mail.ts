/** A mail that is ready to send. Text and HTML say the same. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/**
 * The port: hands a mail over. Resolves once it is accepted, which is not yet delivered. Rejects with `MailError` when it was not; whether it is
 * worth another try stands in it. Never puts a mail's text into an error: it may hold a link that opens something. A mail with a `key` that was accepted under it before is
 * accepted again and not sent again, where the service knows such keys (Resend for a day; Cloudflare does not).
 */
export interface Mailer {
  readonly name: 'outbox' | 'resend' | 'cloudflare';
  send(mail: Mail, key?: string): Promise<void>;
}

export class MailError extends Error {
  override readonly name = 'MailError';
  /** Whether the same mail may be accepted later. */
  readonly temporary: boolean;

  constructor(message: string, temporary: boolean, options?: ErrorOptions) {
    super(message, options);
    this.temporary = temporary;
  }
}
