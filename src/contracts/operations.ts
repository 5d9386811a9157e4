import { z } from 'zod';

/** Queues whose messages may end as dead letters. */
export const DEAD_LETTER_QUEUES = ['usage', 'audit', 'stripe', 'ledger', 'outgoing'] as const;
export const deadLetterQueueSchema = z.enum(DEAD_LETTER_QUEUES);
export type DeadLetterQueue = z.infer<typeof deadLetterQueueSchema>;

export const deadLetterSchema = z
  .object({
    id: z.string(),
    object: z.literal('dead_letter'),
    queue: deadLetterQueueSchema,
    created_at: z.iso.datetime(),
    body: z.unknown().meta({ description: 'The message as it was sent.' }),
  })
  .meta({ id: 'DeadLetter' });

export const deadLetterListQuerySchema = z.object({
  queue: deadLetterQueueSchema.default('usage'),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

export const deadLetterListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(deadLetterSchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'DeadLetterList' });

export const replayRequestSchema = z
  .strictObject({ queue: deadLetterQueueSchema.default('usage') })
  .meta({ id: 'ReplayDeadLettersRequest' });

export const replayedSchema = z
  .object({
    object: z.literal('replay'),
    queue: deadLetterQueueSchema,
    replayed: z.int(),
    remaining: z.boolean().meta({ description: 'There are more: call again.' }),
  })
  .meta({ id: 'ReplayedDeadLetters' });
