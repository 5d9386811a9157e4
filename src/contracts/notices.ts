import { z } from 'zod';
import { listOf } from './list.ts';

/** What a notice is about. */
export const NOTICE_KINDS = ['budget', 'billing', 'credit', 'webhook'] as const;

export const noticeSchema = z.object({
  id: z.string(),
  object: z.literal('notice'),
  kind: z.enum(NOTICE_KINDS),
  title: z.string().describe('What happened, in a line.'),
  body: z.string().describe('What it means and what can be done.'),
  link: z.string().nullable().describe('The page of the web app to go to: a path.'),
  read: z.boolean(),
  created_at: z.iso.datetime(),
});

export const noticeListSchema = listOf(noticeSchema).extend({
  unread: z.int().describe('How many of all of them were not read yet; counted up to 100.'),
});

export const noticeListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(40).optional(),
});

export const readNoticesRequestSchema = z.strictObject({
  up_to: z
    .string()
    .max(100)
    .describe('The id of the newest notice that was seen: it and all before it are read.'),
});

export const readNoticesSchema = z.object({ unread: z.int() });

export type NoticeView = z.infer<typeof noticeSchema>;
