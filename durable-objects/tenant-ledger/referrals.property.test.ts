import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FirstPayment,
  firstPayment,
  holds,
  nextStep,
  type SeenPayment,
} from '../../src/features/billing/referrals/referral.ts';
import { type Bonus, tellBonus } from '../../src/features/billing/referrals/tell-bonus.ts';
import { expectBalanced } from './balanced.fixture.ts';
import { Ledger } from './ledger.ts';
import { SqliteLedgerDatabase } from './sqlite.fixture.ts';

const AMOUNT = 5_000;
const EXPIRES = 1_000_000;
const SIDES = ['referred', 'referrer'] as const;

/** Two ledgers and the row of a referral between them. */
class Referral {
  payment: FirstPayment | null = null;
  step = 0;
  readonly ledgers = SIDES.map((side) => {
    const db = new SqliteLedgerDatabase();
    const ledger = new Ledger(db);
    ledger.open(0, 0);
    return { side, db, ledger };
  });

  look(seen: SeenPayment, verdict: FirstPayment['verdict'] = 'counts'): void {
    this.payment = firstPayment(this.payment, seen, verdict);
    this.step = nextStep(this.step, this.payment);
  }

  /** Tells the first so many ledgers: with fewer than two the machine stopped in between. */
  async tell(count: number = SIDES.length): Promise<void> {
    for (const { side, ledger } of this.ledgers.slice(0, count)) {
      const bonus: Bonus = {
        tenantId: 'ten_test',
        side,
        referralId: 'ref_1',
        amount: AMOUNT,
        expiresAt: EXPIRES,
        step: this.step,
      };
      await tellBonus(
        {
          credit: async (operation) => ledger.credit(operation, 1),
          revoke: async (operation) => ledger.revoke(operation, 1),
        },
        bonus,
        1,
      );
    }
  }

  get balances(): number[] {
    return this.ledgers.map(({ ledger }) => ledger.standing(1).balance);
  }
}

/** What is left of a payment, one look after the other. */
function looksAt(id: string, paidAt: number, left: readonly number[]): SeenPayment[] {
  return left.map((leftCents, at) => ({
    id,
    paidAt,
    currency: 'usd',
    paidCents: 2_000,
    leftCents,
    asOf: 100 + at,
  }));
}

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]];
  return all.flatMap((one, at) =>
    permutations(all.filter((_, other) => other !== at)).map((rest) => [one, ...rest]),
  );
}

describe('the bonus of a referral', () => {
  it.each([
    ['is there while nothing goes back', [2_000], [2_000], true],
    ['is gone when the first payment was refunded, though the second holds', [2_000, 0], [2_000], false],
    ['stays when the second is refunded', [2_000], [2_000, 0], true],
    ['stays while enough of the first is left', [2_000, 1_000], [2_000, 0], true],
    ['is gone when too little of it is left', [2_000, 999], [2_000], false],
    ['comes back when a dispute is won', [2_000, 0, 2_000], [2_000, 0], true],
    ['is gone when it is lost', [2_000, 0, 0], [2_000, 2_000], false],
  ])('%s: in every order of %j and %j', async (_, first, second, there) => {
    const looks = [...looksAt('pi_b', 10, first), ...looksAt('pi_a', 20, second)];
    for (const order of permutations(looks)) {
      const referral = new Referral();
      for (const seen of order) {
        referral.look(seen);
        await referral.tell();
        await referral.tell();
      }
      expect(referral.balances).toEqual(there ? [AMOUNT, AMOUNT] : [0, 0]);
      expect(referral.payment?.id).toBe('pi_b');
      for (const { db } of referral.ledgers) expectBalanced(db);
    }
  });

  it('comes to the same whatever is repeated and wherever the machine stops, and what was spent of it makes no debt', async () => {
    const left = fc.array(fc.constantFrom(2_000, 1_000, 999, 0), { minLength: 1, maxLength: 4, size: 'max' });
    const verdict = fc.constantFrom('counts' as const, 'card' as const);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ paidAt: fc.nat(3), left, verdict }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.record({ which: fc.nat(), told: fc.nat(2), spend: fc.nat(3_000) }), {
          maxLength: 25,
          size: 'max',
        }),
        async (payments, happenings) => {
          const looks = payments.flatMap(({ paidAt, left: all, verdict: found }, at) =>
            looksAt(`pi_${at}`, paidAt, all).map((seen) => ({ seen, found })),
          );
          const referral = new Referral();
          let spent = false;
          for (const [number, { which, told, spend }] of happenings.entries()) {
            const one = looks[which % looks.length];
            if (one !== undefined) referral.look(one.seen, one.found);
            await referral.tell(told);
            for (const { ledger } of referral.ledgers) {
              const { available, owed, balance } = ledger.standing(1);
              expect(owed).toBe(0);
              expect(balance).toBeLessThanOrEqual(AMOUNT);
              const cost = Math.min(spend, available);
              if (cost === 0) continue;
              spent = true;
              ledger.settle(
                {
                  tenantId: 'ten_test',
                  id: `run${number}`,
                  cost,
                  reference: { type: 'run', id: 'r' },
                  reason: '',
                },
                1,
              );
            }
          }
          for (const { seen, found } of looks) referral.look(seen, found);
          await referral.tell();
          const [earliest] = payments
            .map((payment, at) => ({ ...payment, id: `pi_${at}` }))
            .sort((a, b) => a.paidAt - b.paidAt || (a.id < b.id ? -1 : 1));
          const there = earliest?.verdict === 'counts' && (earliest.left.at(-1) ?? 0) >= 1_000;
          expect(holds(referral.payment)).toBe(there);
          for (const { db } of referral.ledgers) expectBalanced(db);
          if (!there) expect(referral.balances).toEqual([0, 0]);
          else if (!spent) expect(referral.balances).toEqual([AMOUNT, AMOUNT]);
        },
      ),
      { numRuns: 500 },
    );
  }, 60_000);
});
