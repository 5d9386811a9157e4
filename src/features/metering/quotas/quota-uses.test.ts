import { describe, expect, it } from 'vitest';
import type { QuotaId } from '../../../contracts/plans.ts';
import { outcome, ParallaxError } from '../../../platform/errors.ts';
import type { TakeUses, UseSettlement } from './quota-rpc.ts';
import { BELIEVED_MS, QuotaUses } from './quota-uses.ts';

function setUp(limited: QuotaId[] = []) {
  const clock = { at: 1_000, now: () => clock.at };
  const asked: TakeUses[] = [];
  const world = { limited };
  const uses = new QuotaUses();
  const take = (id = 'call', of: TakeUses['uses'] = { messages: 1 }) =>
    uses.take({ tenantId: 'ten_a', id, uses: of }, clock, async (question) => {
      asked.push(question);
      return { ok: true, value: { limited: world.limited } };
    });
  return { clock, asked, world, uses, take };
}

describe('what an isolate knows of quotas', () => {
  it('asks once about what has no limit, also for many that come at once, and believes it for a minute', async () => {
    const { clock, asked, world, take } = setUp();
    expect(await Promise.all(Array.from({ length: 50 }, () => take()))).toEqual(Array(50).fill(false));
    expect(asked).toHaveLength(1);
    clock.at += 30_000;
    expect(await take()).toBe(false);
    expect(asked).toHaveLength(1);
    // One asks again before the minute is over; the others go on.
    clock.at += 15_000;
    world.limited = ['messages'];
    const [first, second] = await Promise.all([take('a'), take('b')]);
    expect([first, second, asked.length]).toEqual([true, false, 2]);
    expect(await take('c')).toBe(true);
    expect(asked.map(({ id }) => id)).toEqual(['call', 'a', 'c']);
  });

  it('asks for each call that has a limit, and anew when a minute is over', async () => {
    const { clock, asked, world, take } = setUp(['messages']);
    for (const id of ['a', 'b', 'c']) expect(await take(id)).toBe(true);
    expect(asked.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    // Another quota, which has none, is no question.
    expect(await take('d', { perspectives_eco: 2 })).toBe(false);
    expect(await take('e', {})).toBe(false);
    expect(asked).toHaveLength(3);
    world.limited = [];
    clock.at += BELIEVED_MS;
    expect(await take('f')).toBe(false);
    expect(asked).toHaveLength(4);
  });

  it('lets those who waited for another’s question ask for themselves when it failed', async () => {
    const { uses, clock } = setUp();
    let asked = 0;
    const take = (id: string) =>
      uses.take({ tenantId: 'ten_a', id, uses: { messages: 1 } }, clock, () =>
        outcome(() => {
          asked += 1;
          if (asked === 1) throw new ParallaxError('unavailable', 'Not now.');
          return { limited: [] };
        }),
      );
    const [first, second] = await Promise.allSettled([take('a'), take('b')]);
    expect(first.status).toBe('rejected');
    expect(second).toEqual({ status: 'fulfilled', value: false });
  });

  it('keeps what could not be told, and tells it once, with what came meanwhile', async () => {
    const { uses } = setUp();
    const told: UseSettlement[][] = [];
    uses.settle('ten_a', { id: 'a', used: { messages: 1 } });
    await expect(
      uses.report('ten_a', () => {
        uses.settle('ten_a', { id: 'b', used: {} });
        return Promise.reject(new Error('away'));
      }),
    ).rejects.toThrow('away');
    expect(uses.waiting).toEqual(['ten_a']);
    await uses.report('ten_a', async (settlements) => {
      told.push([...settlements]);
      return { ok: true, value: undefined };
    });
    expect(told).toEqual([
      [
        { id: 'a', used: { messages: 1 } },
        { id: 'b', used: {} },
      ],
    ]);
    expect(uses.waiting).toEqual([]);
  });
});
