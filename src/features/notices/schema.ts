import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { NOTICE_KINDS } from '../../contracts/notices.ts';

/** What people of a tenant are told in the web app. Append-only until retention takes it. */
export const notices = sqliteTable(
  'notices',
  {
    /** The order of writing: what is read is said by the last number seen, so that one that was written late is not taken for read. */
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    id: text('id').notNull(),
    tenantId: text('tenant_id').notNull(),
    /** `managers` (owners and admins), `everyone`, or the id of one person. */
    audience: text('audience').notNull(),
    kind: text('kind', { enum: NOTICE_KINDS }).notNull(),
    title: text('title').notNull(),
    body: text('body').notNull(),
    link: text('link'),
    createdAt: integer('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('notices_id').on(table.tenantId, table.id),
    index('notices_tenant').on(table.tenantId, table.seq),
    index('notices_created_at').on(table.createdAt),
  ],
);

/** How far each person has read, in each tenant. */
export const noticeMarks = sqliteTable(
  'notice_marks',
  {
    tenantId: text('tenant_id').notNull(),
    userId: text('user_id').notNull(),
    seq: integer('seq').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.userId] })],
);
