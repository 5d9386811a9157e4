/**
 * A tenant's money, as the ledger keeps it: the words that metering, billing and the pages share. All amounts are whole nano-dollars.
 */

/**
 * Kinds of credit, in the order in which they are spent: what expires by itself goes first, what was paid for last. Within a kind what expires
 * sooner is spent sooner.
 */
export const BUCKET_KINDS = ['allocation', 'promotional', 'bonus', 'purchased'] as const;
export type BucketKind = (typeof BUCKET_KINDS)[number];

/** Why a balance changed. Credit that expires is an `adjustment` with the reason `expired`. */
export const TRANSACTION_TYPES = [
  'purchase',
  'usage',
  'refund',
  'bonus',
  'allocation',
  'adjustment',
] as const;
export type TransactionType = (typeof TRANSACTION_TYPES)[number];

/** What a transaction or reservation belongs to: `{type: 'checkout', id: 'cs_…'}`, `{type: 'call', id: 'call_…'}`. */
export interface LedgerReference {
  readonly type: string;
  readonly id: string;
}
