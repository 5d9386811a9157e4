import { env } from 'cloudflare:test';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { draws } from '../../../bench/router-world.ts';
import { usageEvent } from '../../../test/worker/usage-events.ts';
import { configOf } from '../../env.ts';
import { platformDb } from '../../platform/db.ts';
import { createLogger } from '../../platform/log.ts';
import { writeUsage } from '../metering/index.ts';
import { figuresOf, type LearnedFigures } from './figures.ts';
import { readFigures, writeFigures } from './figures-store.ts';
import { countedAs, HOUR_MS, type HourSums, KEPT_MS, learnedFrom, weighed } from './hours.ts';
import { learnedStatements } from './learned-statements.ts';
import { loadFigures, refreshFigures } from './load-figures.ts';

const db = platformDb(env.DB);
const NOW = Date.parse('2026-11-20T12:34:56Z');
const log = createLogger({}, () => undefined);

beforeEach(async () => {
  for (const table of ['usage_events', 'routing_hours', 'routing_figures'])
    await db.run(sql.raw(`DELETE FROM ${table}`));
});

type Row = Record<string, number> & { model: string; task: string };
const hours = () => db.all<Row>(sql`SELECT * FROM routing_hours ORDER BY hour, model, task`);
/** Writes events as the usage consumer does: together with what follows from them, in one transaction. */
const write = (list: readonly ReturnType<typeof usageEvent>[]) => writeUsage(env.DB, list, learnedStatements);

/** Events as a week of several models and tasks brings them, every kind of outcome among them. */
function events(count: number, seed: number) {
  const dice = draws(seed);
  const pick = <T>(list: readonly T[]) => list[Math.floor(dice.uniform() * list.length)] as T;
  return Array.from({ length: count }, (_, i) => {
    const status = pick(['ok', 'ok', 'ok', 'failed', 'cancelled', 'cached'] as const);
    const firstTokenMs = pick([null, Math.round(3_000 * dice.uniform())]);
    return usageEvent({
      id: `call_${seed}_${i}`,
      at: NOW - Math.floor(KEPT_MS * dice.uniform()),
      model: pick(['openai/gpt-6-sol', 'anthropic/claude-opus-5', 'local/swift']),
      task: pick([null, 'chat', 'coding']),
      feature: pick(['chat', 'messages', 'perspective', 'embeddings'] as const),
      keyStrategy: pick(['platform', 'none', 'openrouter', 'tenant', 'bridge'] as const),
      status,
      errorKind:
        status === 'failed' ? pick(['overloaded', 'rate_limited', 'invalid_request', 'refused', null]) : null,
      outputTokens: pick([0, 1, 15, 16, 250]),
      latencyMs: (firstTokenMs ?? 0) + Math.round(5_000 * dice.uniform()),
      firstTokenMs,
    });
  });
}

/** The hours that these events make, by the pure functions. */
function expectedHours(list: readonly ReturnType<typeof usageEvent>[]): Map<string, HourSums[]> {
  const byKey = new Map<string, HourSums[]>();
  for (const event of list) {
    const sums = countedAs(event);
    if (sums === undefined) continue;
    const key = `${sums.hour} ${sums.model} ${sums.task}`;
    byKey.set(key, [...(byKey.get(key) ?? []), sums]);
  }
  return byKey;
}

describe('the statements for a batch of usage events', () => {
  it('add up the same hours as the pure functions do', async () => {
    const list = events(400, 1);
    await write(list);
    const expected = expectedHours(list);
    const rows = await hours();
    expect(rows.map(({ hour, model, task }) => `${hour} ${model} ${task}`).sort()).toEqual(
      [...expected.keys()].sort(),
    );
    for (const row of rows) {
      const own = expected.get(`${row.hour} ${row.model} ${row.task}`) ?? [];
      const sum = (name: keyof HourSums) => own.reduce((all, one) => all + Number(one[name]), 0);
      expect(row.n).toBe(sum('n'));
      expect(row.ok).toBe(sum('ok'));
      for (const [column, name] of [
        ['first_n', 'firstN'],
        ['first_sum', 'firstSum'],
        ['first_sq', 'firstSq'],
        ['token_n', 'tokenN'],
        ['token_sum', 'tokenSum'],
        ['token_sq', 'tokenSq'],
        ['total_n', 'totalN'],
        ['total_sum', 'totalSum'],
        ['output_n', 'outputN'],
        ['output_sum', 'outputSum'],
        ['output_sq', 'outputSq'],
      ] as const)
        expect(row[column], column).toBeCloseTo(sum(name), 6);
    }
    const [type] = await db.all<{ type: string }>(
      sql`SELECT typeof(hour) AS type FROM routing_hours LIMIT 1`,
    );
    expect(type?.type).toBe('integer');
  });

  it('add to hours that are there, in any order of batches', async () => {
    const [first, second] = [events(100, 2), events(100, 3)];
    await write(first);
    await write(second);
    const there = await hours();
    for (const table of ['usage_events', 'routing_hours']) await db.run(sql.raw(`DELETE FROM ${table}`));
    await write(second);
    await write(first);
    const again = await hours();
    expect(again).toHaveLength(there.length);
    again.forEach((row, i) => {
      expect(row.n).toBe(there[i]?.n);
      expect(row.first_sum).toBeCloseTo(there[i]?.first_sum ?? 0, 6);
    });
  });

  it('count a batch once that is delivered twice: the events of the second have the first one’s marker', async () => {
    const list = [usageEvent({ id: 'call_1' }), usageEvent({ id: 'call_2' })];
    await write(list);
    await write([...list, usageEvent({ id: 'call_3' })]);
    expect((await hours()).map(({ n }) => n)).toEqual([3]);
  });

  it('make nothing of a batch without a call that teaches', async () => {
    await write([usageEvent({ id: 'call_1', status: 'cached' })]);
    expect(await hours()).toEqual([]);
  });
});

describe('what is summed up for isolates', () => {
  const learn = write;
  /** The same, by the pure functions. */
  const expected = (list: readonly ReturnType<typeof usageEvent>[]): LearnedFigures =>
    learnedFrom(
      weighed(
        list.flatMap((event) => countedAs(event) ?? []),
        NOW,
      ),
    );

  it('is what the pure functions say, through the database and back', async () => {
    const list = events(600, 4);
    await learn(list);
    await writeFigures(env.DB, NOW);
    const { at, learned } = (await readFigures(env.DB, 0)) ?? { at: 0, learned: new Map() };
    expect(at).toBe(NOW);
    const wanted = expected(list);
    expect([...learned.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [id, sums] of wanted) {
      const [mine, theirs] = [
        figuresOf({ tier: 'normal' }, learned.get(id)),
        figuresOf({ tier: 'normal' }, sums),
      ];
      expect(mine.firstToken.mean).toBeCloseTo(theirs.firstToken.mean, 5);
      expect(mine.firstToken.sd).toBeCloseTo(theirs.firstToken.sd, 4);
      expect(mine.perToken.mean).toBeCloseTo(theirs.perToken.mean, 5);
      expect(mine.successRate).toBeCloseTo(theirs.successRate, 5);
      expect(mine.totalFactor).toBeCloseTo(theirs.totalFactor, 4);
      expect(mine.output('coding').mean).toBeCloseTo(theirs.output('coding').mean, 5);
      expect(mine.calls).toBeCloseTo(theirs.calls, 4);
    }
  });

  it('is read only when it is newer than what is known', async () => {
    await learn([usageEvent({ id: 'call_1', at: NOW })]);
    await writeFigures(env.DB, NOW);
    expect(await readFigures(env.DB, NOW)).toBeUndefined();
    expect(await readFigures(env.DB, NOW - 1)).toBeDefined();
  });

  it('is not put back by a cron that was late', async () => {
    await learn([usageEvent({ id: 'call_1', at: NOW })]);
    await writeFigures(env.DB, NOW);
    await writeFigures(env.DB, NOW - 60_000);
    expect((await readFigures(env.DB, 0))?.at).toBe(NOW);
  });

  it('forgets hours that are older than a week', async () => {
    await learn([
      usageEvent({ id: 'old', at: NOW - KEPT_MS - 2 * HOUR_MS }),
      usageEvent({ id: 'new', at: NOW - HOUR_MS }),
    ]);
    expect(await hours()).toHaveLength(2);
    await writeFigures(env.DB, NOW);
    expect(await hours()).toHaveLength(1);
  });

  it('reaches an isolate within a minute, which goes on with what it knows when the database is away', async () => {
    const config = { ...configOf(env) };
    const at = (now: number) => ({ now: () => now });
    const calls = async (now: number, from: Pick<Env, 'DB'> = env) =>
      (await loadFigures(from, config, at(now))).get('openai/gpt-6-sol')?.lasting.n ?? 0;
    expect(await calls(NOW)).toBe(0);
    await learn([usageEvent({ id: 'call_1', at: NOW })]);
    await refreshFigures(env, at(NOW), log);
    expect(await calls(NOW + 59_999)).toBe(0);
    expect(await calls(NOW + 60_000)).toBeCloseTo(1, 1);
    const away = {
      DB: {
        prepare() {
          throw new Error('away');
        },
      } as unknown as D1Database,
    };
    expect(await calls(NOW + 500_000, away)).toBeCloseTo(1, 1);
  });
});
