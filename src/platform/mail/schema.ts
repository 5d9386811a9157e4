import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

/** The local outbox: mails that a deployment without a mail service would have sent. Never written in production. */
export const devMails = sqliteTable(
  'dev_mails',
  {
    id: text('id').primaryKey(),
    /** What the sender names it by: a mail of the same key is kept once. */
    key: text('key'),
    recipient: text('recipient').notNull(),
    subject: text('subject').notNull(),
    text: text('text').notNull(),
    html: text('html').notNull(),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('dev_mails_key').on(table.key),
    index('dev_mails_recipient').on(table.recipient, table.id),
  ],
);
