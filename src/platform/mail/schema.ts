import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** The local outbox: mails that a deployment without a mail service would have sent. Never written in production. */
export const devMails = sqliteTable(
  'dev_mails',
  {
    id: text('id').primaryKey(),
    recipient: text('recipient').notNull(),
    subject: text('subject').notNull(),
    text: text('text').notNull(),
    html: text('html').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [index('dev_mails_recipient').on(table.recipient, table.id)],
);
