import { z } from 'zod';
import type { LedgerTransaction } from '../ledger-operations.ts';

/** Most transactions of one message: usually 40 KB, of the 128 that it may have (https://developers.cloudflare.com/queues/platform/limits/). */
export const TRANSACTIONS_PER_MESSAGE = 100;
/** A message ends before it becomes larger than this, in characters: one with long ids, or with many buckets, has fewer transactions. */
const MESSAGE_CHARACTERS = 60_000;

/** A message of the ledger's queue: transactions of one tenant, in their order. */
export interface LedgerMessage {
  readonly version: 1;
  readonly tenantId: string;
  readonly transactions: readonly LedgerTransaction[];
}

/** The transactions that go into one message: the first ones, as many as fit, at least one. Pure. */
export function messageOf(tenantId: string, transactions: readonly LedgerTransaction[]): LedgerMessage {
  let characters = 0;
  const fitting = transactions.slice(0, TRANSACTIONS_PER_MESSAGE).filter((transaction, at) => {
    characters += JSON.stringify(transaction).length;
    return at === 0 || characters <= MESSAGE_CHARACTERS;
  });
  return { version: 1, tenantId, transactions: fitting };
}

/**
 * Messages are our own, of this version of the code or of the one before: what is looked at is what the table cannot refuse by itself.
 */
export const ledgerMessageSchema = z.object({
  version: z.literal(1),
  tenantId: z.string().min(1),
  transactions: z.array(z.custom<LedgerTransaction>(looksLikeATransaction)),
});

function looksLikeATransaction(value: unknown): value is LedgerTransaction {
  if (typeof value !== 'object' || value === null) return false;
  const { id, seq, at, amount, short, balanceAfter, buckets, reference } =
    value as Partial<LedgerTransaction>;
  return (
    typeof id === 'string' &&
    [seq, at, amount, short, balanceAfter].every(Number.isSafeInteger) &&
    typeof buckets === 'object' &&
    typeof reference?.id === 'string' &&
    typeof reference.type === 'string'
  );
}
