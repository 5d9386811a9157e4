import { expect, it } from 'vitest';
import { type Mail, MailError, type Mailer } from './mail.ts';

/** A mailer with a way to see what has arrived at the other end. */
export interface MailerUnderTest {
  readonly mailer: Mailer;
  readonly arrived: () => Promise<readonly Mail[]>;
}

/** What every adapter of the mail port must do. */
export function mailerContract(make: () => Promise<MailerUnderTest>): void {
  const mail: Mail = {
    to: 'ada@example.com',
    subject: 'Grüße, "Ada" & <others>',
    text: 'Line one\n\nLine two 👋',
    html: '<p>Line one</p>',
  };

  it('hands a mail over as it is', async () => {
    const { mailer, arrived } = await make();
    await mailer.send(mail);
    expect(await arrived()).toEqual([mail]);
  });

  it('hands over each of several mails once', async () => {
    const { mailer, arrived } = await make();
    const mails = ['one', 'two', 'three'].map((subject) => ({ ...mail, subject }));
    for (const one of mails) await mailer.send(one);
    expect((await arrived()).map(({ subject }) => subject).sort()).toEqual(['one', 'three', 'two']);
  });

  it('sends a mail with a key as it sends one without', async () => {
    const { mailer, arrived } = await make();
    await mailer.send(mail, 'ten_1/notice/usr_1');
    expect(await arrived()).toEqual([mail]);
  });

  it('keeps a mail’s text out of what it throws', () => {
    const error = new MailError('The mail service answered 500.', true);
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain(mail.text);
  });
}
