import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ParallaxError } from '../../platform/errors.ts';
import { type Nano, nano } from '../../platform/money.ts';
import { type CreditHold, CreditLeases, type LeaseAnswer } from './credit-leases.ts';
import { inTurn, lendCredit } from './lend-credit.ts';
import type { CreditQuestion } from './tenant-ledger.ts';

const LEASE_MS = 30_000;

/** A ledger that lends: the Durable Object's own decision over plain variables. */
function lender(balance: number, clock: { readonly time: number }) {
  const ledger = { balance, asked: 0, broken: false, loseAnswers: false };
  const lent = new Map<string, { readonly amount: number; readonly until: number }>();
  const settled = new Set<string>();
  const answer = ({ leaseId, settlements, held, needed, wanted }: CreditQuestion): LeaseAnswer => {
    ledger.asked += 1;
    for (const [id, { until }] of lent) if (until <= clock.time) lent.delete(id);
    let mine = lent.get(leaseId)?.amount ?? 0;
    for (const { callId, cost } of settlements) {
      if (settled.has(callId)) continue;
      settled.add(callId);
      ledger.balance -= cost;
      mine = Math.max(0, mine - cost);
    }
    let others = 0;
    for (const [id, { amount }] of lent) if (id !== leaseId) others += amount;
    const free = ledger.balance - others;
    const amount = lendCredit({ free, lent: mine, held, needed, wanted });
    lent.set(leaseId, { amount, until: clock.time + LEASE_MS });
    return inTurn({ lent: amount, leaseMs: LEASE_MS, available: free - amount }, clock.time);
  };
  return { ledger, answer };
}

/** Some isolates and one ledger. */
function setUp(balance: number, isolates: number) {
  const clock = { time: 1_000_000, now: () => clock.time };
  const { ledger, answer } = lender(balance, clock);
  const ask = async (question: CreditQuestion) => {
    if (ledger.broken) throw new Error('the ledger is away');
    const value = answer(question);
    if (ledger.loseAnswers) throw new Error('the answer was lost');
    return { ok: true as const, value };
  };
  const leases = Array.from({ length: isolates }, () => new CreditLeases());
  const of = (isolate: number) => leases[isolate] as CreditLeases;
  return {
    clock,
    ledger,
    hold: (isolate: number, amount: number) => of(isolate).hold('ten_1', nano(amount), clock, ask),
    report: (isolate: number) => of(isolate).report('ten_1', clock, ask),
    isDue: (isolate: number) => of(isolate).isDue('ten_1', clock.time),
  };
}

/** A question on its way: the test says when the lender hears it, and when the answer arrives, or that it does not. */
interface Underway {
  hear(): void;
  arrive(): void;
  lose(): void;
}

/** As `setUp`, but nothing happens in one moment: questions and answers cross as the test has it. */
function setUpSlow(balance: number, isolates: number, bounds: { readonly joinMs: number }) {
  const clock = { time: 1_000_000, now: () => clock.time };
  const { ledger, answer } = lender(balance, clock);
  const underway: Underway[] = [];
  const ask = (question: CreditQuestion) =>
    new Promise<{ ok: true; value: LeaseAnswer }>((resolve, reject) => {
      let heard: LeaseAnswer | undefined;
      const hear = () => {
        heard ??= answer(question);
      };
      underway.push({
        hear,
        arrive: () => {
          hear();
          resolve({ ok: true, value: heard as LeaseAnswer });
        },
        lose: () => reject(new Error('the answer was lost')),
      });
    });
  const leases = Array.from({ length: isolates }, () => new CreditLeases(bounds));
  const of = (isolate: number) => leases[isolate] as CreditLeases;
  return {
    clock,
    ledger,
    underway,
    hold: (isolate: number, amount: number) => of(isolate).hold('ten_1', nano(amount), clock, ask),
    report: (isolate: number) => of(isolate).report('ten_1', clock, ask),
  };
}

/** Lets everything happen that waits for nothing but its turn. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: ParallaxError) => error.code,
  );

describe('credit held in several isolates', () => {
  it('is never more than there is, and what was spent is counted once, whatever the order', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('hold' as const),
        isolate: fc.nat(2),
        amount: fc.integer({ min: 1, max: 400 }),
      }),
      fc.record({
        kind: fc.constant('settle' as const),
        which: fc.nat(1_000),
        share: fc.float({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ kind: fc.constant('release' as const), which: fc.nat(1_000) }),
      fc.record({ kind: fc.constant('report' as const), isolate: fc.nat(2), lost: fc.boolean() }),
      fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: 9_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (steps) => {
        const { clock, ledger, hold, report } = setUp(1_000, 3);
        const open: CreditHold[] = [];
        let spent = 0;
        let calls = 0;
        const take = (which: number) => open.splice(which % Math.max(1, open.length), 1)[0];
        for (const one of steps) {
          switch (one.kind) {
            case 'hold': {
              const held = await hold(one.isolate, one.amount).then(
                (value) => value,
                () => null,
              );
              if (held !== null) open.push(held);
              break;
            }
            case 'settle': {
              const held = take(one.which);
              if (held === undefined) break;
              const cost = Math.floor(held.amount * one.share) as Nano;
              calls += 1;
              held.settle(`call_${calls}`, cost);
              held.settle(`call_${calls}`, cost);
              spent += cost;
              break;
            }
            case 'release':
              take(one.which)?.release();
              break;
            case 'report':
              ledger.loseAnswers = one.lost;
              await report(one.isolate).catch(() => undefined);
              ledger.loseAnswers = false;
              break;
            case 'wait': {
              // Isolates renew what they hold before it ends, as their calls' beats do.
              clock.time += one.milliseconds;
              for (const isolate of [0, 1, 2]) await report(isolate);
              break;
            }
          }
          const held = open.reduce((sum, { amount }) => sum + amount, 0);
          expect(held + spent).toBeLessThanOrEqual(1_000);
        }
        for (const one of open) one.release();
        for (const isolate of [0, 1, 2]) await report(isolate);
        expect(ledger.balance).toBe(1_000 - spent);
      }),
      { numRuns: 300 },
    );
  });

  it('is never more than there is while questions are under way, cross one another, or are lost', async () => {
    const which = fc.nat(1_000);
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant('hold' as const),
          isolate: fc.nat(1),
          amount: fc.constantFrom(1, 100, 200, 300, 500, 700),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('settle' as const),
          which,
          share: fc.float({ min: 0, max: 1, noNaN: true }),
        }),
      },
      fc.record({ kind: fc.constant('release' as const), which }),
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant('report' as const), isolate: fc.nat(1) }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('hear' as const), which }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('arrive' as const), which }) },
      fc.record({ kind: fc.constant('lose' as const), which }),
      fc.record({ kind: fc.constant('wait' as const), milliseconds: fc.constantFrom(1, 20, 400) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60, size: 'max' }),
        fc.constantFrom(0, 1_000_000),
        async (steps, joinMs) => {
          const { clock, ledger, underway, hold, report } = setUpSlow(1_000, 2, { joinMs });
          const open: CreditHold[] = [];
          let [spent, calls, waiting] = [0, 0, 0];
          const take = <T>(from: T[], at: number): T | undefined =>
            from.splice(at % Math.max(1, from.length), 1)[0];
          for (const one of steps) {
            switch (one.kind) {
              case 'hold':
                waiting += 1;
                hold(one.isolate, one.amount)
                  .then((held) => open.push(held))
                  .catch(() => undefined)
                  .finally(() => {
                    waiting -= 1;
                  });
                break;
              case 'settle': {
                const held = take(open, one.which);
                if (held === undefined) break;
                const cost = Math.floor(held.amount * one.share) as Nano;
                calls += 1;
                held.settle(`call_${calls}`, cost);
                spent += cost;
                break;
              }
              case 'release':
                take(open, one.which)?.release();
                break;
              case 'report':
                report(one.isolate).catch(() => undefined);
                break;
              case 'hear':
                underway[one.which % Math.max(1, underway.length)]?.hear();
                break;
              case 'arrive':
                take(underway, one.which)?.arrive();
                break;
              case 'lose':
                take(underway, one.which)?.lose();
                break;
              case 'wait':
                clock.time += one.milliseconds;
            }
            await turn();
            const held = open.reduce((sum, { amount }) => sum + amount, 0);
            expect(held + spent).toBeLessThanOrEqual(1_000);
          }
          for (let rounds = 0; waiting > 0 || underway.length > 0; rounds++) {
            expect(rounds).toBeLessThan(1_000);
            underway.shift()?.arrive();
            await turn();
          }
          const held = open.reduce((sum, { amount }) => sum + amount, 0);
          expect(held + spent).toBeLessThanOrEqual(1_000);
          for (const one of open) one.release();
          for (const isolate of [0, 1]) {
            const told = report(isolate);
            await turn();
            underway.shift()?.arrive();
            await told;
          }
          expect(ledger.balance).toBe(1_000 - spent);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is refused beyond what there is, with both figures, and the refusal is not asked for again at once', async () => {
    const { ledger, hold } = setUp(100, 1);
    expect(await codeOf(hold(0, 101))).toBe('insufficient_credit');
    const asked = ledger.asked;
    await expect(hold(0, 150)).rejects.toMatchObject({
      details: { needed_nano_usd: 150, available_nano_usd: 100 },
    });
    expect(ledger.asked).toBe(asked);
    expect(await codeOf(hold(0, 100))).toBe('ok');
  });

  it('lets those in that fit when not all do', async () => {
    const { hold } = setUp(100, 1);
    const codes = await Promise.all(Array.from({ length: 30 }, () => codeOf(hold(0, 10))));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(10);
    expect(codes.filter((code) => code === 'insufficient_credit')).toHaveLength(20);
  });

  it('asks the ledger seldom within a lease', async () => {
    const { clock, ledger, hold } = setUp(1_000_000_000, 1);
    for (let call = 0; call < 5_000; call++) {
      clock.time += 2;
      (await hold(0, 1_000)).settle(`call_${call}`, nano(900));
    }
    expect(ledger.asked).toBeLessThan(40);
  });

  it('refuses nobody for what others hold while the ledger has more', async () => {
    const { clock, hold } = setUp(100_000_000, 1);
    let calls = 0;
    for (let round = 0; round < 100; round++) {
      clock.time += 3;
      const holds = await Promise.all(
        Array.from({ length: 32 }, (_, index) => hold(0, 50 + ((round * 7 + index * 13) % 900))),
      );
      for (const held of holds) held.settle(`call_${calls++}`, nano(Math.floor(held.amount / 2)));
    }
    expect(calls).toBe(3_200);
  });

  it('keeps what calls cost while the ledger is away, and reports it later', async () => {
    const { ledger, hold, report, isDue } = setUp(1_000, 1);
    (await hold(0, 100)).settle('call_1', nano(60));
    ledger.broken = true;
    await expect(report(0)).rejects.toThrow('away');
    expect(isDue(0)).toBe(true);
    ledger.broken = false;
    await report(0);
    expect(ledger.balance).toBe(940);
    expect(isDue(0)).toBe(false);
  });

  it('frees what a call held that was cut off without a word', async () => {
    const { clock, hold } = setUp(100, 1);
    await hold(0, 100);
    clock.time += 31 * 60_000;
    expect(await codeOf(hold(0, 100))).toBe('ok');
  });
});
