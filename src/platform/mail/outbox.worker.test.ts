import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { platformDb } from '../db.ts';
import { mailerContract } from './mailer-contract.ts';
import { mailerOf } from './mailer-of.ts';
import { keptMails, outboxMailer } from './outbox.ts';
import { devMails } from './schema.ts';

const clock = { now: () => 1_800_000_000_000 };

describe('the local outbox', () => {
  mailerContract(async () => {
    await platformDb(env.DB).delete(devMails);
    return {
      mailer: outboxMailer(env.DB, clock),
      arrived: async () =>
        (await keptMails(env.DB, { limit: 100 })).map(({ to, subject, text, html }) => ({
          to,
          subject,
          text,
          html,
        })),
    };
  });

  it('keeps a mail of one key once, and others as often as they come', async () => {
    const mailer = outboxMailer(env.DB, clock);
    const mail = { to: 'key@example.com', subject: 's', text: '', html: '' };
    for (const key of ['a', 'a', 'b', undefined, undefined]) await mailer.send(mail, key);
    expect((await keptMails(env.DB, { to: mail.to, limit: 100 })).length).toBe(4);
  });

  it('shows the mails of one address, newest first', async () => {
    const mailer = outboxMailer(env.DB, clock);
    for (const [to, subject] of [
      ['eve@example.com', 'other'],
      ['Ada@Example.com', 'first'],
    ] as const)
      await mailer.send({ to, subject, text: '', html: '' });
    await outboxMailer(env.DB, { now: () => clock.now() + 1 }).send({
      to: 'ada@example.com',
      subject: 'second',
      text: '',
      html: '',
    });
    const mails = await keptMails(env.DB, { to: 'ADA@example.com', limit: 100 });
    const subjects = mails.map(({ subject }) => subject);
    expect(subjects[0]).toBe('second');
    expect(subjects).toContain('first');
    expect(subjects).not.toContain('other');
  });
});

describe('how a deployment sends mail', () => {
  const settings = { KEY_SIGNING_SECRET: 'x'.repeat(32), MAIL_FROM: 'Parallax <hello@example.com>' };
  const binding = { send: async () => ({ messageId: '1' }) } as unknown as SendEmail;
  const nameOf = (bindings: object, more: object = {}) =>
    mailerOf({ DB: env.DB, ...more }, readConfig({ ...settings, ...bindings }, []), clock).name;

  it('is Resend where there is a key, a binding where there is one, and the outbox on a local machine', () => {
    expect(nameOf({ ENVIRONMENT: 'production', RESEND_API_KEY: 're_1' })).toBe('resend');
    expect(nameOf({ ENVIRONMENT: 'dev', RESEND_API_KEY: 're_1' })).toBe('resend');
    expect(nameOf({ ENVIRONMENT: 'production' }, { EMAIL: binding })).toBe('cloudflare');
    expect(nameOf({ ENVIRONMENT: 'dev' })).toBe('outbox');
  });

  it('is none in production without either: nothing is kept where people could read it', async () => {
    const config = readConfig({ ...settings, ENVIRONMENT: 'production' }, []);
    const before = await keptMails(env.DB, { limit: 100 });
    const mail = { to: 'ada@example.com', subject: 's', text: 't', html: 'h' };
    await expect(mailerOf({ DB: env.DB }, config, clock).send(mail)).rejects.toThrow(/RESEND_API_KEY/);
    expect(await keptMails(env.DB, { limit: 100 })).toHaveLength(before.length);
  });
});
