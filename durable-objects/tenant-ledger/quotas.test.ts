import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLANS, QUOTA_IDS, type QuotaId } from '../../src/contracts/plans.ts';
import { monthOf, type Uses } from '../../src/features/metering/index.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import { Ledger } from './ledger.ts';
import { Quotas, TAKEN_MS } from './quotas.ts';
import { Crash, SqliteLedgerDatabase } from './sqlite.fixture.ts';

const OPENED = Date.UTC(2026, 0, 31, 8);
const FREE = PLANS.free.quotas as Record<QuotaId, number>;

function setUp({ planLimits = true } = {}) {
  const db = new SqliteLedgerDatabase();
  const ledger = new Ledger(db);
  ledger.open(0, OPENED);
  const quotas = new Quotas(db, planLimits);
  const used = (now: number, quota: QuotaId = 'messages') =>
    quotas.standing(now).quotas.find(({ id }) => id === quota)?.used ?? -1;
  const take = (id: string, now: number, uses: Uses = { messages: 1 }) => quotas.take({ id, uses }, now);
  /** Counts for good. */
  const use = (id: string, now: number, uses: Uses = { messages: 1 }) => {
    take(id, now, uses);
    quotas.settle([{ id, used: uses }]);
  };
  return { db, ledger, quotas, used, take, use };
}

const refusal = (work: () => unknown): ParallaxError => {
  try {
    work();
  } catch (error) {
    if (error instanceof ParallaxError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('quotas', () => {
  it('refuse one use beyond the limit, with which quota, the figures, when it starts anew and what to do', () => {
    const { take, use } = setUp();
    for (let i = 0; i < FREE.messages; i++) use(`call_${i}`, OPENED);
    const error = refusal(() => take('one_more', OPENED));
    expect(error.code).toBe('quota_exceeded');
    expect(error.message).toBe(
      'The Free plan’s 200 messages of this month are used up. They start anew on 2026-02-28. Until then upgrade the plan, or use your own provider key, which no quota counts.',
    );
    expect(error.details).toEqual({
      quota: 'messages',
      limit: 200,
      used: 200,
      needed: 1,
      resets_at: '2026-02-28T08:00:00.000Z',
    });
  });

  it('take all that a run needs or nothing of it', () => {
    const { take, used } = setUp();
    const uses = { perspectives_eco: 3, perspectives_premium: FREE.perspectives_premium + 1 };
    expect(refusal(() => take('run', OPENED, uses)).message).toContain(
      `needs ${FREE.perspectives_premium + 1} perspectives of premium models, and ${FREE.perspectives_premium} of`,
    );
    expect(used(OPENED, 'perspectives_eco')).toBe(0);
  });

  it('begin anew with the tenant’s own month, to the millisecond', () => {
    const { take, use, used } = setUp();
    for (let i = 0; i < FREE.messages; i++) use(`call_${i}`, OPENED + i);
    const { end } = monthOf(OPENED, OPENED);
    expect(used(end - 1)).toBe(FREE.messages);
    expect(refusal(() => take('late', end - 1)).code).toBe('quota_exceeded');
    expect(used(end)).toBe(0);
    use('first', end);
    expect(used(end)).toBe(1);
  });

  it('take the plan’s own day when one is bought, and have no limit on it', () => {
    const { ledger, quotas, take, use } = setUp();
    for (let i = 0; i < FREE.messages; i++) use(`call_${i}`, OPENED);
    const anchorAt = OPENED + 5 * 86_400_000;
    const told = { tenantId: 'ten_a', id: 'told', seats: 1 };
    ledger.setPlan({ ...told, plan: 'pro', anchorAt, asOf: 1 });
    expect(take('call', OPENED).limited).toEqual([]);
    expect(quotas.standing(anchorAt)).toMatchObject({
      plan: 'pro',
      month: { start: anchorAt },
      quotas: QUOTA_IDS.map((id) => ({ id, limit: null, used: 0 })),
    });
    // Free again by one who never paid: the months stay as they are.
    ledger.setPlan({ ...told, plan: 'free', anchorAt: null, asOf: 2 });
    expect(quotas.standing(anchorAt).month.start).toBe(anchorAt);
  });

  it('count nothing of a tenant that is never refused, nor where no plan bounds anybody', () => {
    const one = setUp();
    one.ledger.markUnlimited(true, OPENED);
    const other = setUp({ planLimits: false });
    for (const { use, take, used } of [one, other]) {
      for (let i = 0; i < FREE.messages + 1; i++) use(`call_${i}`, OPENED);
      expect(take('more', OPENED)).toEqual({ limited: [] });
      expect(used(OPENED)).toBe(0);
    }
  });

  it('give back what was taken and not used, and what nobody said a word of', () => {
    const { quotas, take, used } = setUp();
    take('failed', OPENED);
    take('run', OPENED, { perspectives_eco: 5 });
    take('died', OPENED);
    expect(used(OPENED)).toBe(2);
    quotas.settle([
      { id: 'failed', used: {} },
      { id: 'run', used: { perspectives_eco: 2 } },
    ]);
    expect([used(OPENED), used(OPENED, 'perspectives_eco')]).toEqual([1, 2]);
    expect(used(OPENED + TAKEN_MS - 1)).toBe(1);
    expect(used(OPENED + TAKEN_MS)).toBe(0);
    // It had not died: it was late, and counts after all.
    quotas.settle([{ id: 'died', used: { messages: 1 } }]);
    expect(used(OPENED + TAKEN_MS)).toBe(1);
  });

  it('count a run’s later merge beside what it used before, and never more than was taken', () => {
    const { quotas, take, use, used } = setUp();
    use('run', OPENED, { perspectives_eco: 3 });
    take('run', OPENED, { perspectives_eco: 2 });
    // Three calls were retried on our account.
    quotas.settle([{ id: 'run', used: { perspectives_eco: 8 } }]);
    quotas.settle([{ id: 'run', used: { perspectives_eco: 8 } }]);
    expect(used(OPENED, 'perspectives_eco')).toBe(5);
  });

  it('forget what is older than any run, and nothing else', () => {
    const { db, use } = setUp();
    for (let i = 0; i < 50; i++) use(`call_${i}`, OPENED);
    use('later', OPENED + 399 * 86_400_000);
    expect(db.dump().quota_uses).toHaveLength(51);
    use('last', OPENED + 401 * 86_400_000);
    expect(db.dump().quota_uses?.map((row) => (row as { call_id: string }).call_id)).toEqual([
      'last',
      'later',
    ]);
  });

  it('let in exactly what there is, however many come, whatever fails, repeats or crashes between', () => {
    const step = fc.record({
      id: fc.nat(40),
      count: fc.integer({ min: 1, max: 4 }),
      what: fc.constantFrom('take', 'take', 'take', 'used', 'half', 'back'),
      again: fc.boolean(),
      crash: fc.option(fc.nat(12), { nil: null }),
    });
    const limit = FREE.perspectives_premium;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
        const { db, quotas, used } = setUp();
        /** What a simple book of it says. */
        const book = new Map<number, { taken: number; counted: number }>();
        const total = () => [...book.values()].reduce((sum, one) => sum + one.taken + one.counted, 0);
        for (const { id, count, what, again, crash } of steps) {
          const known = book.get(id) ?? { taken: 0, counted: 0 };
          const uses = { perspectives_premium: count };
          const settled =
            what === 'back'
              ? 0
              : known.counted + (what === 'half' ? Math.ceil(known.taken / 2) : known.taken);
          const act = () =>
            what === 'take'
              ? quotas.take({ id: `run_${id}`, uses }, OPENED)
              : quotas.settle([{ id: `run_${id}`, used: { perspectives_premium: settled } }]);
          const fits = total() - known.taken + count <= limit;
          const whole = () => {
            if (what === 'take' && !fits) expect(refusal(act).code).toBe('quota_exceeded');
            else act();
          };
          if (crash !== null) {
            db.crashAfter(crash);
            try {
              whole();
            } catch (error) {
              // A refusal may be cut off as well: then there is a crash in its place.
              if (!(error instanceof Crash)) throw error;
            }
            db.crashAfter(Number.POSITIVE_INFINITY);
          }
          whole();
          if (again) whole();
          if (what === 'take') book.set(id, fits ? { ...known, taken: count } : known);
          else book.set(id, { taken: 0, counted: Math.max(known.counted, settled) });
          expect(used(OPENED, 'perspectives_premium')).toBe(total());
          expect(total()).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  it('let in exactly M of N that come at once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.nat(200), (callers, before) => {
        const { take, use } = setUp();
        for (let i = 0; i < before; i++) use(`before_${i}`, OPENED);
        let let_in = 0;
        for (let i = 0; i < callers; i++) {
          try {
            take(`call_${i}`, OPENED);
            let_in += 1;
          } catch (error) {
            expect((error as ParallaxError).code).toBe('quota_exceeded');
          }
        }
        expect(let_in).toBe(Math.min(callers, FREE.messages - before));
      }),
      { numRuns: 12 },
    );
  }, 30_000);
});
