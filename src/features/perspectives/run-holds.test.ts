import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Nano, nano } from '../../platform/money.ts';
import { AnswerLimit, holdUpTo, payable } from '../metering/index.ts';
import { NO_USAGE } from '../providers/index.ts';
import { type RunHeld, RunHolds } from './run-holds.ts';

/** A ledger that lends to one run, all or nothing, a little later, and is sometimes out of reach. */
class Ledger {
  readonly balance: number;
  readonly fails: readonly boolean[];
  lent: number;
  asked = 0;
  /** What the run said that it has, each time. */
  readonly before: number[] = [];

  constructor(balance: number, lent: number, fails: readonly boolean[]) {
    this.balance = balance;
    this.lent = lent;
    this.fails = fails;
  }

  readonly lend = async ({ before, total }: { before: Nano; total: Nano }) => {
    const failed = this.fails[this.asked % Math.max(1, this.fails.length)] ?? false;
    this.asked += 1;
    this.before.push(before);
    await null;
    if (failed) throw new Error('out of reach');
    const granted = total <= this.balance;
    if (granted) this.lent = total;
    return { granted, room: nano(Math.max(0, this.balance - before)) };
  };
}

const open = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ index, status: 'streaming' as const })) as never;
const TOKEN = 1_000;
const costOf = (tokens: number) => nano(tokens * TOKEN);

/** Says so many tokens, a piece at a time, as far as the credit lets it. */
async function say(credit: Parameters<typeof holdUpTo>[0], tokens: number, piece: number): Promise<number> {
  const limit = new AnswerLimit(NO_USAGE, ({ outputTokens }) => costOf(outputTokens), credit);
  let said = 0;
  while (said < tokens) {
    const next = Math.min(tokens, said + piece);
    const admitted = limit.admits(next);
    if (admitted !== true && !(await admitted)) return said;
    said = next;
    await null;
  }
  return said;
}

const answer = fc.record({
  held: fc.integer({ min: 0, max: 2_000 }),
  tokens: fc.integer({ min: 0, max: 6_000 }),
  piece: fc.integer({ min: 1, max: 300 }),
  /** Tokens that its provider tells beyond what it said. */
  hidden: fc.integer({ min: 0, max: 500 }),
});

describe('what is held for a run', () => {
  it('pays its answers and its merge, of which none is charged more than it held and a tenth, and is never more than was lent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 6 }),
        fc.array(answer, { maxLength: 3 }),
        fc.integer({ min: 0, max: 2_000 }),
        fc.integer({ min: 0, max: 20_000 }),
        fc.array(fc.boolean(), { maxLength: 4 }),
        fc.boolean(),
        async (answers, merges, merge, more, fails, evicted) => {
          const perspectives = answers.map(({ held }) => held * TOKEN);
          const total = perspectives.reduce((sum, one) => sum + one, merge * TOKEN);
          const ledger = new Ledger(total + more * TOKEN, total, fails);
          let kept: RunHeld = { total, perspectives, merge: merge * TOKEN, own: 0 };
          const keep = (held: RunHeld) => {
            kept = structuredClone(held);
          };
          let holds = new RunHolds(
            kept,
            { perspectives: open(answers.length), receipt: [] },
            ledger.lend,
            keep,
          );
          const receipt: { keyStrategy: 'platform'; costNano: Nano }[] = [];
          let withinTenths = 0;
          const charge = (held: number, due: Nano) => {
            expect(due).toBeLessThanOrEqual(payable(nano(held)));
            receipt.push({ keyStrategy: 'platform', costNano: due });
            withinTenths += Math.max(held, due);
          };
          await Promise.all(
            answers.map(async ({ tokens, piece, hidden }, index) => {
              const credit = holds.creditOf(index);
              const said = await say(credit, tokens, piece);
              expect(costOf(said)).toBeLessThanOrEqual(payable(credit.held));
              if (said === tokens) await holdUpTo(credit, costOf(said + hidden));
              charge(credit.held, holds.end(index, costOf(said + hidden), true));
            }),
          );
          expect(ledger.lent).toBeGreaterThanOrEqual(kept.total);
          if (evicted) {
            // What answers had asked for ahead.
            await holds.close();
            holds = new RunHolds(kept, { perspectives: [], receipt: receipt as never }, ledger.lend, keep);
          }
          holds.beginMerge();
          await Promise.all(
            merges.map(async ({ tokens, piece, hidden }) => {
              const credit = holds.creditOfMergeCall();
              const said = await say(credit, tokens, piece);
              if (said === tokens) await holdUpTo(credit, costOf(said + hidden));
              const due = nano(Math.min(costOf(said + hidden), payable(credit.held)));
              charge(credit.held, due);
              credit.end(due);
            }),
          );
          const closing = holds.close();
          const asked = ledger.asked;
          expect(await holds.creditOfMergeCall().more(nano(ledger.balance + 1))).toBe(false);
          await closing;
          expect(ledger.asked).toBe(asked);
          const charged = receipt.reduce((sum, { costNano }) => sum + costNano, 0);
          expect(kept.total).toBeLessThanOrEqual(ledger.balance);
          expect(charged).toBeLessThanOrEqual(payable(nano(kept.total)));
          // Each question says what the answers before it came to.
          expect(
            ledger.before.every((before, at) => at === 0 || before >= (ledger.before[at - 1] ?? 0)),
          ).toBe(true);
          expect(withinTenths).toBeGreaterThanOrEqual(charged);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is taken from what others left before more is asked for, but not from what is kept for the merge', async () => {
    const ledger = new Ledger(10_000, 3_000, []);
    const held = { total: 3_000, perspectives: [1_000, 1_000], merge: 1_000, own: 0 };
    const holds = new RunHolds(held, { perspectives: open(2), receipt: [] }, ledger.lend, () => undefined);
    holds.end(0, nano(400), true);
    const credit = holds.creditOf(1);
    expect(await credit.more(nano(600))).toBe(true);
    expect([credit.held, ledger.asked]).toEqual([1_600, 0]);
    expect(await credit.more(nano(100))).toBe(true);
    expect([credit.held, ledger.asked, ledger.lent]).toEqual([1_700, 1, 3_100]);
    holds.end(1, nano(700), true);
    holds.beginMerge();
    expect(await holds.creditOfMergeCall().more(nano(2_000))).toBe(true);
    expect(ledger.asked).toBe(1);
  });
});
