import { describe, expect, it } from 'vitest';
import { type Outcome, ParallaxError } from '../../../platform/errors.ts';
import type { Budget } from './budget-rpc.ts';
import { BUDGETS_FRESH_MS, KnownBudgets, NO_BUDGETS_MS } from './known-budgets.ts';

const BUDGET: Budget = {
  id: 'bud_1',
  name: 'All',
  scope: 'tenant',
  subject: null,
  period: 'monthly',
  limit: 1,
  hard: true,
  createdAt: 0,
};

function setUp(budgets: Budget[] = []) {
  const clock = { at: 1_000, now: () => clock.at };
  const world = { budgets, reads: 0, away: false };
  const beside: Promise<unknown>[] = [];
  const known = new KnownBudgets();
  const ask = () =>
    known.of(
      'ten_1',
      clock,
      async (): Promise<Outcome<readonly Budget[]>> => {
        world.reads += 1;
        if (world.away) throw new ParallaxError('unavailable', 'away');
        return { ok: true, value: world.budgets };
      },
      (work) => void beside.push(work),
    );
  return { clock, world, known, ask, beside };
}

describe('what an isolate knows of budgets', () => {
  it('is read once for calls that come together, and believed for ten seconds', async () => {
    const { clock, world, ask } = setUp([BUDGET]);
    expect(await Promise.all(Array.from({ length: 50 }, ask))).toEqual(Array(50).fill([BUDGET]));
    expect(world.reads).toBe(1);
    clock.at += BUDGETS_FRESH_MS - 1;
    await ask();
    expect(world.reads).toBe(1);
    world.budgets = [];
    clock.at += 1;
    expect(await ask()).toEqual([]);
    expect(world.reads).toBe(2);
  });

  it('that there are none is read anew beside the answer, and before it after a minute', async () => {
    const { clock, world, ask, beside } = setUp();
    expect(await ask()).toEqual([]);
    world.budgets = [BUDGET];
    clock.at += BUDGETS_FRESH_MS;
    expect(await ask()).toEqual([]);
    await Promise.all(beside);
    expect([world.reads, await ask()]).toEqual([2, [BUDGET]]);
    const idle = setUp();
    await idle.ask();
    idle.world.budgets = [BUDGET];
    idle.clock.at += NO_BUDGETS_MS;
    expect(await idle.ask()).toEqual([BUDGET]);
  });

  it('is read anew at once after a change here, also where a reading was under way', async () => {
    const { world, known, ask } = setUp();
    const before = ask();
    known.forget('ten_1');
    world.budgets = [BUDGET];
    await before;
    expect(await ask()).toEqual([BUDGET]);
  });

  it('is not taken for none when it cannot be read', async () => {
    const { clock, world, known, ask } = setUp([BUDGET]);
    await ask();
    clock.at += BUDGETS_FRESH_MS;
    world.away = true;
    await expect(ask()).rejects.toThrow('away');
    // Who goes on all the same goes by what was known.
    expect(known.last('ten_1')).toEqual([BUDGET]);
    world.away = false;
    expect(await ask()).toEqual([BUDGET]);
  });
});
