/** Mail: the port and its adapters. */
export { layOut, type MailContent } from './layout.ts';
export { type Mail, MailError, type Mailer } from './mail.ts';
export { type MailEnv, mailerOf } from './mailer-of.ts';
export { type KeptMail, keptMails } from './outbox.ts';
