import type { Credit, LedgerTransaction, Revoke } from '../../metering/index.ts';

/** As much of a ledger as bonuses need. */
export interface BonusLedger {
  credit(operation: Credit): Promise<LedgerTransaction>;
  revoke(operation: Revoke): Promise<{ readonly taken: number }>;
}

/** One side's bonus of a referral. */
export interface Bonus {
  /** Who gets it. */
  readonly tenantId: string;
  readonly side: 'referrer' | 'referred';
  /** The referral's id. */
  readonly referralId: string;
  /** Nano-dollars; 0 where the side gets none. */
  readonly amount: number;
  readonly expiresAt: number;
  /** How often it was given and taken back in turn. */
  readonly step: number;
}

const GIVEN: Readonly<Record<Bonus['side'], string>> = {
  referrer: 'Bonus: somebody who came with your code paid for the first time',
  referred: 'Bonus: you came with somebody’s code and paid for the first time',
};

/**
 * Tells a ledger all steps of a bonus, from the first: what it knows it does not do again, so this may stop anywhere, be repeated, and run beside itself. Taken back is
 * what is left; when the payment comes back (a dispute is won), so does exactly that.
 */
export async function tellBonus(ledger: BonusLedger, bonus: Bonus, now: number): Promise<void> {
  const { tenantId, side, referralId, expiresAt, step } = bonus;
  const idOf = (number: number) => `referral:${referralId}/${side}/${number}`;
  const reference = { type: 'referral', id: referralId };
  let amount = bonus.amount;
  for (let number = 1; number <= step && amount > 0; number++) {
    const id = idOf(number);
    if (number % 2 === 0) {
      const reason = 'The payment that the bonus was for was given back';
      const { taken } = await ledger.revoke({
        tenantId,
        id,
        creditId: idOf(number - 1),
        reference,
        reason,
      });
      amount = taken;
    } else if (number === 1 || expiresAt > now) {
      const reason = number === 1 ? GIVEN[side] : 'The payment that the bonus was for holds again';
      await ledger.credit({
        tenantId,
        id,
        type: 'bonus',
        bucket: 'bonus',
        amount,
        expiresAt,
        reference,
        reason,
      });
    } else return;
  }
}
