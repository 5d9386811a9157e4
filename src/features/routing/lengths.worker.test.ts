import { env } from 'cloudflare:test';
import { sql } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { usageEvent } from '../../../test/worker/usage-events.ts';
import { configOf } from '../../env.ts';
import { platformDb } from '../../platform/db.ts';
import { createLogger } from '../../platform/log.ts';
import { writeUsage } from '../metering/index.ts';
import { HOUR_MS, KEPT_MS } from './hours.ts';
import { learnedStatements } from './learned-statements.ts';
import { readLengths, writeLengths } from './lengths-store.ts';
import { loadAnswerLengths, refreshAnswerLengths } from './load-lengths.ts';

const db = platformDb(env.DB);
const NOW = Date.parse('2026-11-20T12:34:56Z');
const log = createLogger({}, () => undefined);
const MODEL = 'openai/gpt-6-sol';

beforeEach(async () => {
  for (const table of ['usage_events', 'routing_lengths', 'routing_figures'])
    await db.run(sql.raw(`DELETE FROM ${table}`));
});

/** Writes events as the usage consumer does: together with what follows from them, in one transaction. */
const write = (list: readonly ReturnType<typeof usageEvent>[]) => writeUsage(env.DB, list, learnedStatements);
const answer = (id: string, more: Partial<ReturnType<typeof usageEvent>> = {}) =>
  usageEvent({
    id: `call_${id}`,
    at: NOW,
    model: MODEL,
    feature: 'chat',
    keyStrategy: 'platform',
    status: 'ok',
    errorKind: null,
    outputTokens: 1_000,
    ...more,
  });
const learned = async () => (await readLengths(env.DB, 0))?.learned.get(MODEL);

describe('the lengths of answers in the database', () => {
  it('are summed up by model and feature, each answer once', async () => {
    const list = [
      answer('1'),
      answer('2', { outputTokens: 10 }),
      answer('3', { feature: 'perspective', outputTokens: 100 }),
    ];
    await write(list);
    await write([...list, answer('4', { feature: 'perspective', outputTokens: 100 })]);
    await writeLengths(env.DB, NOW);
    const features = await learned();
    const weight = features?.get('chat')?.n ?? 0;
    expect(weight).toBeCloseTo(2, 1);
    expect((features?.get('chat')?.sum ?? 0) / (weight / 2)).toBeCloseTo(Math.log(1_000) + Math.log(10), 4);
    expect((features?.get('chat')?.sq ?? 0) / (weight / 2)).toBeCloseTo(
      Math.log(1_000) ** 2 + Math.log(10) ** 2,
      4,
    );
    expect(features?.get('perspective')?.n).toBeCloseTo(weight, 6);
    expect(features?.get('')?.n).toBeCloseTo(2 * weight, 6);
  });

  it('are not those of answers that failed or were cut at the credit’s end, of embeddings, or by a tenant’s own key', async () => {
    await write([
      answer('1', { status: 'failed', errorKind: 'overloaded' }),
      answer('2', { status: 'cancelled' }),
      answer('3', { errorKind: 'credit_limit' }),
      answer('4', { feature: 'embeddings' }),
      answer('5', { keyStrategy: 'tenant' }),
      answer('6', { outputTokens: 0 }),
    ]);
    expect(await db.all(sql`SELECT * FROM routing_lengths`)).toEqual([]);
  });

  it('count half after a day, and are forgotten after a week', async () => {
    await write([answer('1')]);
    await writeLengths(env.DB, NOW);
    const first = (await learned())?.get('chat')?.n ?? 0;
    await writeLengths(env.DB, NOW + 24 * HOUR_MS);
    expect(((await learned())?.get('chat')?.n ?? 0) / first).toBeCloseTo(0.5, 2);
    await writeLengths(env.DB, NOW + KEPT_MS + 2 * HOUR_MS);
    expect(await learned()).toBeUndefined();
    expect(await db.all(sql`SELECT * FROM routing_lengths`)).toEqual([]);
  });

  it('serve an isolate without a wait: the usual ones first, then what was learned', async () => {
    await write(Array.from({ length: 300 }, (_, i) => answer(`${i}`, { outputTokens: 4_000 })));
    let now = NOW;
    const clock = { now: () => now };
    await refreshAnswerLengths(env, clock, log);
    const config = { ...configOf(env) };
    const work: Promise<unknown>[] = [];
    const load = () => loadAnswerLengths(env, config, clock, (one) => work.push(one));
    expect((await load()).usual(MODEL, 'chat')).toBe(600);
    await Promise.all(work);
    const known = await load();
    expect(known.usual(MODEL, 'chat')).toBeGreaterThan(3_500);
    now += 61_000;
    await load();
    await Promise.all(work);
    expect(await load(), 'nothing is worked out anew when nothing is new').toBe(known);
  });

  it('fall back to what is usual when the database does not answer', async () => {
    const broken = {
      DB: {
        prepare() {
          throw new Error('away');
        },
      } as unknown as D1Database,
    };
    const lengths = await loadAnswerLengths(broken, { ...configOf(env) }, { now: () => NOW });
    expect(lengths.likely(MODEL, 'chat')).toBe(1_200);
  });
});
