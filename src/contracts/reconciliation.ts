import { z } from 'zod';
import { listOf } from './list.ts';

/** What can differ between a tenant's ledger and what others know of its money. */
export const DIFFERENCE_KINDS = [
  'books',
  'mirror_missing',
  'mirror_differs',
  'mirror_extra',
  'event_missing',
  'charge_differs',
  'not_charged',
  'purchase_not_credited',
  'purchase_differs',
  'credit_unexplained',
  'refunds_differ',
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

const tenantId = z.string().regex(/^ten_[0-9A-HJKMNP-TV-Z]{26}$/, { error: 'is no tenant’s id' });
/** A time, or a day, which begins at 00:00 UTC. */
const time = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

export const differenceSchema = z
  .object({
    object: z.literal('difference'),
    tenant_id: z.string(),
    kind: z.enum(DIFFERENCE_KINDS),
    subject: z.string().meta({
      description:
        'What differs: a call, a purchase, a rule of the books, or numbers of transactions (`7`, `7-12`).',
    }),
    expected: z.string().nullable().meta({ description: 'As the ledger or the purchase says it.' }),
    found: z.string().nullable(),
    amount_nano_usd: z.int().meta({
      description:
        'By how much too much (above 0) or too little was found, in whole nano-dollars; 0 where no amount differs.',
    }),
    first_seen_at: z.iso.datetime(),
    last_seen_at: z.iso.datetime(),
    resolved_at: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When it was looked at again and was gone.' }),
  })
  .meta({ id: 'Difference' });

export const reconcileRequestSchema = z
  .strictObject({
    tenant_id: tenantId.optional().meta({ description: 'One tenant; all of them unless said, by id.' }),
    from: time.optional().meta({ description: 'Only what happened since. Unless said: from the beginning.' }),
    to: time.optional().meta({
      description:
        'Only what happened before. What is younger than an hour is left out: it may be on its way.',
    }),
    after: z.string().max(300).optional().meta({ description: '`next_after` of the answer before.' }),
    mirror_anew: z.boolean().optional().meta({
      description:
        'Deletes the tenant’s mirror first and has its ledger write it anew, for one that differs.',
    }),
  })
  .refine(({ mirror_anew, tenant_id }) => mirror_anew !== true || tenant_id !== undefined, {
    error: 'is for one tenant',
    path: ['mirror_anew'],
  })
  .meta({ id: 'ReconcileRequest' });

export const reconciliationSchema = z
  .object({
    object: z.literal('reconciliation'),
    tenants: z.int(),
    failed: z.int().meta({ description: 'Tenants whose ledger could not be reached.' }),
    transactions: z.int().meta({ description: 'Compared with the mirror and with usage.' }),
    events: z.int().meta({ description: 'Usage events compared with the ledger.' }),
    purchases: z.int(),
    found: z.int().meta({ description: 'How many differences were found.' }),
    differences: z.array(differenceSchema).meta({ description: 'At most 100 of them; the list has all.' }),
    sent_again: z.int().meta({ description: 'Transactions that the mirror lacked and was sent again.' }),
    remaining: z.boolean(),
    next_after: z.string().nullable(),
  })
  .meta({ id: 'Reconciliation' });

export const differenceListQuerySchema = z.object({
  tenant_id: tenantId.optional(),
  status: z.enum(['open', 'resolved', 'all']).default('open'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(600).optional(),
});
export const differenceListSchema = listOf(differenceSchema).meta({ id: 'DifferenceList' });
