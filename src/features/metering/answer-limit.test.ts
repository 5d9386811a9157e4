import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Nano, nano, pricePerMillion } from '../../platform/money.ts';
import { priceOf } from '../catalog/index.ts';
import { NO_USAGE, type TokenUsage } from '../providers/index.ts';
import { AnswerLimit, payable, tokensWithin } from './answer-limit.ts';

const model = (input: number, output: number) => ({
  prices: { input: pricePerMillion(input), output: pricePerMillion(output) },
});
const costOf =
  (input: number, output: number, inputTokens: number) =>
  (outputTokens: number): Nano =>
    priceOf(model(input, output), { ...NO_USAGE, inputTokens, outputTokens }) ?? nano(0);

describe('the tokens within an amount', () => {
  it('are exactly as many as it pays', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0.001, max: 1_000, noNaN: true }),
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 0, max: 10_000_000_000 }),
        (input, output, asked, amount) => {
          const cost = costOf(input, output, asked);
          const within = tokensWithin(cost, nano(amount));
          if (within < 0) expect(cost(0)).toBeGreaterThan(amount);
          else {
            expect(cost(within)).toBeLessThanOrEqual(amount);
            if (within < 2 ** 21) expect(cost(within + 1)).toBeGreaterThan(amount);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** A balance that several answers share. It lends all or nothing, a little later. */
class Balance {
  left: number;
  asked = 0;

  constructor(left: number) {
    this.left = left;
  }

  creditOf(first: number) {
    const balance = this;
    if (first > this.left) throw new Error('refused before it began');
    this.left -= first;
    let held = first;
    return {
      get held() {
        return nano(held);
      },
      room: () => nano(balance.left),
      async more(amount: Nano) {
        balance.asked += 1;
        await null;
        if (amount > balance.left) return false;
        balance.left -= amount;
        held += amount;
        return true;
      },
    };
  }
}

const follow = (balance: Balance, first: number, asked: number, input: number, output: number) => {
  const credit = balance.creditOf(first);
  const price = (usage: TokenUsage) => priceOf(model(input, output), usage) ?? nano(0);
  return { credit, price, limit: new AnswerLimit({ ...NO_USAGE, inputTokens: asked }, price, credit) };
};

describe('an answer that is followed', () => {
  it('asks nobody while what is held is far, and for more before it is used up', async () => {
    const balance = new Balance(1_000_000_000);
    const { limit, credit } = follow(balance, 12_000_000, 0, 0, 10);
    expect(limit.admits(900)).toBe(true);
    expect(balance.asked).toBe(0);
    expect(limit.admits(1_000)).toBe(true);
    expect(balance.asked).toBe(1);
    await null;
    await null;
    expect(credit.held).toBe(2_000 * 10_000);
  });

  it('waits for more where it comes to its limit before that is there', async () => {
    const { limit } = follow(new Balance(1_000_000_000), 12_000_000, 0, 0, 10);
    const admitted = limit.admits(5_000);
    expect(admitted).not.toBe(true);
    expect(await admitted).toBe(true);
  });

  it('uses up what there is, goes a tenth beyond, and no further', async () => {
    const balance = new Balance(20_000_000);
    const { limit, credit } = follow(balance, 12_000_000, 0, 0, 10);
    expect(await limit.admits(2_200)).toBe(true);
    expect(balance.left).toBe(0);
    expect(limit.most).toBe(2_200);
    expect(await limit.admits(2_201)).toBe(false);
    expect(payable(credit.held)).toBe(22_000_000);
  });

  it('goes by its provider’s own count of what was asked', async () => {
    const { limit } = follow(new Balance(12_000_000), 12_000_000, 0, 10, 10);
    limit.reported({ ...NO_USAGE, inputTokens: 1_000 });
    expect(limit.most).toBe(320);
  });

  it('has no end where output costs nothing', () => {
    const { limit } = follow(new Balance(1_000), 1_000, 0, 1, 0);
    expect(limit.admits(10_000_000)).toBe(true);
  });

  it('never stands at more than is reserved for it and the overrun, however many share a balance', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 2_000_000_000 }),
        fc.double({ min: 0.01, max: 500, noNaN: true }),
        fc.double({ min: 0.01, max: 500, noNaN: true }),
        fc.array(
          fc.record({
            asked: fc.integer({ min: 0, max: 5_000 }),
            likely: fc.integer({ min: 1, max: 2_000 }),
            chunks: fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 25, size: 'max' }),
            reported: fc.option(fc.integer({ min: 1, max: 5_000 })),
          }),
          { minLength: 1, maxLength: 6 },
        ),
        async (total, input, output, answers) => {
          const balance = new Balance(total);
          const charges = await Promise.all(
            answers.map(async ({ asked, likely, chunks, reported }) => {
              const price = costOf(input, output, asked);
              if (price(likely) > balance.left) return { cost: nano(0), credit: { held: nano(0) } };
              const { limit, credit, price: charged } = follow(balance, price(likely), asked, input, output);
              let usage = { ...NO_USAGE, inputTokens: asked };
              let said = 0;
              for (const chunk of chunks) {
                if (reported !== null && said === 0) {
                  usage = { ...NO_USAGE, inputTokens: reported };
                  limit.reported(usage);
                }
                const admitted = limit.admits(said + chunk);
                if (admitted !== true && !(await admitted)) {
                  said = Math.max(said, Math.min(said + chunk, limit.most));
                  break;
                }
                said += chunk;
              }
              const cost = charged({ ...usage, outputTokens: said });
              // What was asked may be more than it was estimated at: that alone is charged within the rule, by the settling.
              if (limit.most >= 0) expect(cost).toBeLessThanOrEqual(payable(credit.held));
              return { cost, credit };
            }),
          );
          // What was asked for when an answer ended is told by now.
          for (let i = 0; i < 10; i++) await null;
          const held = charges.reduce((sum, { credit }) => sum + credit.held, 0);
          expect(held + balance.left).toBe(total);
          const charged = charges.reduce(
            (sum, { cost, credit }) => sum + Math.min(cost, payable(credit.held)),
            0,
          );
          expect(charged).toBeLessThanOrEqual(total * 1.1);
        },
      ),
      { numRuns: 1_000, endOnFailure: true },
    );
  });
});
