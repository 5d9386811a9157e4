import { z } from 'zod';
import { BUCKET_KINDS, TRANSACTION_TYPES } from './ledger.ts';

/** Money as a number of dollars for reading, and exactly, as a whole number of nano-dollars (1e-9 USD). */
const usd = z.number().meta({ description: 'US dollars.' });
const nanoUsd = z.int().meta({ description: 'The same exactly, in whole nano-dollars (1e-9 USD).' });

export const creditBucketSchema = z
  .object({
    id: z.string().meta({ description: 'The transaction that it came with.' }),
    kind: z.enum(BUCKET_KINDS),
    left_usd: usd,
    left_nano_usd: nanoUsd,
    expires_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'CreditBucket' });

/** Answer of `GET /v1/credits`. */
export const creditsSchema = z
  .object({
    object: z.literal('credits'),
    balance_usd: usd,
    balance_nano_usd: nanoUsd,
    available_usd: usd.meta({ description: 'The balance, less what is reserved.' }),
    available_nano_usd: nanoUsd,
    reserved_usd: usd.meta({
      description:
        'Held for what is under way now, and lent for some seconds to the servers that answer you.',
    }),
    reserved_nano_usd: nanoUsd,
    owed_usd: usd.meta({
      description: 'Refunds of what had been spent already. The next credit pays it first.',
    }),
    owed_nano_usd: nanoUsd,
    unlimited: z.boolean().meta({ description: 'Never refused for want of credit; still recorded.' }),
    buckets: z.array(creditBucketSchema).meta({ description: 'In the order in which they are spent.' }),
  })
  .meta({ id: 'Credits' });

export const transactionSchema = z
  .object({
    id: z.string(),
    object: z.literal('transaction'),
    number: z.int().meta({ description: '1, 2, 3 …, without gaps.' }),
    type: z.enum(TRANSACTION_TYPES),
    amount_usd: usd,
    amount_nano_usd: nanoUsd.meta({ description: 'Above 0 where the balance grew.' }),
    uncollected_nano_usd: nanoUsd.meta({
      description: 'What could not be taken: of a call it is not charged, of a refund it is owed.',
    }),
    balance_after_usd: usd,
    balance_after_nano_usd: nanoUsd,
    reference: z.object({ type: z.string(), id: z.string() }),
    reason: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Transaction' });

export const transactionListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(20).optional(),
});

export const transactionListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(transactionSchema),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'TransactionList' });

/** Body of `POST /v1/operator/tenants/{id}/credits`. */
export const changeCreditsRequestSchema = z
  .strictObject({
    amount_nano_usd: z
      .int()
      .min(-1e15)
      .max(1e15)
      .refine((amount) => amount !== 0, { error: 'must not be 0' })
      .meta({
        description: 'Added to the balance, or taken from it when below 0, in whole nano-dollars (1e-9 USD).',
      }),
    kind: z.enum(BUCKET_KINDS).default('bonus').meta({ description: 'Of credit that is added.' }),
    expires_at: z.iso.datetime().optional().meta({ description: 'Of credit that is added.' }),
    reason: z.string().trim().min(1).max(200).meta({ description: 'For the tenant to read.' }),
  })
  .meta({ id: 'ChangeCreditsRequest' });

/** Body of `PUT /v1/operator/tenants/{id}/unlimited`. */
export const markUnlimitedRequestSchema = z
  .strictObject({ unlimited: z.boolean() })
  .meta({ id: 'MarkUnlimitedRequest' });
