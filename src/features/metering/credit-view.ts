import type { z } from 'zod';
import type { creditsSchema, transactionSchema } from '../../contracts/credits.ts';
import { iso } from '../../platform/clock.ts';
import { nano, toUsd } from '../../platform/money.ts';
import type { LedgerStanding, LedgerTransaction } from './ledger-operations.ts';

/** A tenant's credit as clients see it. */
export function creditsView(standing: LedgerStanding): z.infer<typeof creditsSchema> {
  const { balance, available, reserved, owed, unlimited, buckets } = standing;
  return {
    object: 'credits',
    balance_usd: usd(balance),
    balance_nano_usd: balance,
    available_usd: usd(available),
    available_nano_usd: available,
    reserved_usd: usd(reserved),
    reserved_nano_usd: reserved,
    owed_usd: usd(owed),
    owed_nano_usd: owed,
    unlimited,
    buckets: buckets.map(({ id, kind, left, expiresAt }) => ({
      id,
      kind,
      left_usd: usd(left),
      left_nano_usd: left,
      expires_at: expiresAt === null ? null : iso(expiresAt),
    })),
  };
}

/** A change of the balance as clients see it. */
export function transactionView(transaction: LedgerTransaction): z.infer<typeof transactionSchema> {
  const { id, seq, type, amount, short, balanceAfter, reference, reason, at } = transaction;
  return {
    id,
    object: 'transaction',
    number: seq,
    type,
    amount_usd: usd(amount),
    amount_nano_usd: amount,
    uncollected_nano_usd: short,
    balance_after_usd: usd(balanceAfter),
    balance_after_nano_usd: balanceAfter,
    reference,
    reason,
    created_at: iso(at),
  };
}

const usd = (amount: number): number => toUsd(nano(amount));
