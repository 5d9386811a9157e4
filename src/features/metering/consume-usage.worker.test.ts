import { env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { eq, type SQL, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { tenantDb } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { createLogger } from '../../platform/log.ts';
import type { QueueMessage } from '../../platform/queue.ts';
import { consumeUsage, type UsageConsumer } from './consume-usage.ts';
import { keepDeadLetters } from './dead-letters.ts';
import { usageEvents } from './schema.ts';
import type { UsageEvent } from './usage-event.ts';

const OPERATOR = {
  authorization: 'Bearer test-only-operator-token-0123456789abcdef',
  'content-type': 'application/json',
};
const quiet = createLogger({}, () => undefined);
const consumer = (more: Partial<UsageConsumer> = {}): UsageConsumer => ({
  clock: systemClock,
  log: quiet,
  retentionDays: 400,
  sums: () => [],
  ...more,
});

function setUp() {
  const tenantId = newId('tenant');
  const event = (changes: Partial<UsageEvent> = {}): UsageEvent => ({
    id: newId('call'),
    at: Date.now(),
    tenantId,
    userId: newId('user'),
    keyId: null,
    requestId: newId('request'),
    runId: null,
    feature: 'chat',
    client: 'curl',
    model: 'local/swift',
    provider: 'local',
    keyStrategy: 'platform',
    chosenBy: 'explicit',
    task: null,
    stream: true,
    status: 'ok',
    errorKind: null,
    inputTokens: 10,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 20,
    reasoningTokens: 0,
    estimated: false,
    priced: true,
    costNano: 5,
    chargeNano: 5,
    latencyMs: 100,
    firstTokenMs: null,
    ...changes,
  });
  const rows = () => tenantDb(env.DB, { tenantId }).select(usageEvents, { where: undefined, limit: 2_000 });
  return { tenantId, event, rows };
}

function message(body: unknown) {
  const done: string[] = [];
  const one: QueueMessage = {
    id: crypto.randomUUID(),
    body,
    ack: () => done.push('ack'),
    retry: () => done.push('retry'),
  };
  return { one, done };
}

describe('usage events from the queue', () => {
  it('are written whole, with booleans, nulls and text as they were', async () => {
    const { event, rows } = setUp();
    const one = event({
      client: 'an "odd" name',
      providerKeyId: null,
      estimated: true,
      priced: false,
      firstTokenMs: 7,
    });
    const { one: sent, done } = message({ version: 1, events: [one] });
    await consumeUsage(env.DB, [sent], consumer());
    expect(done).toEqual(['ack']);
    const [{ ingest, ...row } = { ingest: '' }] = await rows();
    expect(row).toEqual(one);
    expect(ingest).not.toBe('');
  });

  it('are counted once however often they are delivered, and so is what is summed from them', async () => {
    const { tenantId, event, rows } = setUp();
    await env.DB.exec('CREATE TABLE IF NOT EXISTS sums_of_a_test (tenant TEXT PRIMARY KEY, cost INTEGER)');
    const sums = (written: SQL) => [
      sql`INSERT INTO sums_of_a_test SELECT tenant_id, sum(cost_nano) FROM ${usageEvents} WHERE ${written} GROUP BY 1 ON CONFLICT DO UPDATE SET cost = cost + excluded.cost`,
    ];
    const events = Array.from({ length: 1_200 }, () => event());
    const first = message({ version: 1, events: events.slice(0, 700) });
    const second = message({ version: 1, events: events.slice(500) });
    await consumeUsage(env.DB, [first.one], consumer({ sums }));
    await consumeUsage(env.DB, [first.one, second.one], consumer({ sums }));
    expect(await rows()).toHaveLength(1_200);
    const sum = await env.DB.prepare('SELECT cost FROM sums_of_a_test WHERE tenant = ?')
      .bind(tenantId)
      .first('cost');
    expect(sum).toBe(1_200 * 5);
  });

  it('come again when they cannot be written, and a message that cannot be read comes to the dead letters alone', async () => {
    const { event, rows } = setUp();
    const good = message({ version: 1, events: [event()] });
    const broken = [{ version: 2 }, { version: 1, events: [{ id: 5 }] }, 'text', null].map(message);
    await consumeUsage(env.DB, [...broken.map(({ one }) => one), good.one], consumer());
    expect(broken.map(({ done }) => done)).toEqual([['retry'], ['retry'], ['retry'], ['retry']]);
    expect(good.done).toEqual(['ack']);
    const failing = message({ version: 1, events: [event()] });
    await consumeUsage(
      env.DB,
      [failing.one],
      consumer({ sums: () => [sql`INSERT INTO no_such_table VALUES (1)`] }),
    );
    expect(failing.done).toEqual(['retry']);
    expect(await rows()).toHaveLength(1);
  });

  it('are not counted when they come after the time for which events are kept, and a log says so', async () => {
    const { event, rows } = setUp();
    const lines: string[] = [];
    const log = createLogger({}, (_level, line) => lines.push(line));
    const day = 24 * 60 * 60 * 1000;
    const late = event({ at: Date.now() - 41 * day, chargeNano: 77 });
    const inTime = event({ at: Date.now() - 39 * day });
    const { one, done } = message({ version: 1, events: [late, inTime] });
    await consumeUsage(env.DB, [one], consumer({ retentionDays: 40, log }));
    expect(done).toEqual(['ack']);
    expect((await rows()).map(({ id }) => id)).toEqual([inTime.id]);
    expect(lines.join('')).toContain('not counted');
    expect(lines.join('')).toContain('77');
  });

  it('give one point each, also when they are delivered twice', async () => {
    const { tenantId, event } = setUp();
    const written: AnalyticsEngineDataPoint[] = [];
    const points = { writeDataPoint: (point?: AnalyticsEngineDataPoint) => void written.push(point ?? {}) };
    const { one } = message({ version: 1, events: [event(), event()] });
    await consumeUsage(env.DB, [one], consumer({ points }));
    await consumeUsage(env.DB, [one], consumer({ points }));
    expect(written.map(({ indexes }) => indexes)).toEqual([[tenantId], [tenantId]]);
  });
});

describe('dead letters', () => {
  it('are kept once, listed to the operator, and counted after a replay', async () => {
    const { tenantId, event } = setUp();
    const { one, done } = message({ version: 1, events: [event()] });
    await keepDeadLetters(env.DB, 'usage', [one], systemClock, quiet);
    await keepDeadLetters(env.DB, 'usage', [one], systemClock, quiet);
    expect(done).toEqual(['ack', 'ack']);
    const list = async () => {
      const response = await exports.default.fetch('https://parallax.test/v1/operator/dead-letters', {
        headers: OPERATOR,
      });
      return (await response.json<{ data: { id: string }[] }>()).data;
    };
    expect((await list()).filter(({ id }) => id === one.id)).toHaveLength(1);
    const replay = await exports.default.fetch('https://parallax.test/v1/operator/dead-letters/replay', {
      method: 'POST',
      headers: OPERATOR,
      body: '{}',
    });
    expect(await replay.json()).toMatchObject({ replayed: 1, remaining: false });
    expect(await list()).toHaveLength(0);
    const counted = () =>
      tenantDb(env.DB, { tenantId }).select(usageEvents, {
        where: eq(usageEvents.tenantId, tenantId),
        limit: 10,
      });
    await expect.poll(async () => (await counted()).length, { timeout: 30_000 }).toBe(1);
  });

  it('are for the operator alone', async () => {
    for (const [path, method] of [
      ['dead-letters', 'GET'],
      ['dead-letters/replay', 'POST'],
    ] as const) {
      const response = await exports.default.fetch(`https://parallax.test/v1/operator/${path}`, { method });
      expect(response.status).toBe(401);
    }
  });
});
