import { env } from 'cloudflare:test';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { Client, newTenant, OPERATOR_TOKEN, problemOf } from '../../../../test/worker/client.ts';
import { usageEvent } from '../../../../test/worker/usage-events.ts';
import { platformDb, tenantDb } from '../../../platform/db.ts';
import { newId } from '../../../platform/ids.ts';
import { createLogger } from '../../../platform/log.ts';
import { writeUsage } from '../consume-usage.ts';
import { usageEvents } from '../schema.ts';
import { expectedSums, type SumRow, storedSums } from './expected-sums.fixture.ts';
import { forgetOldUsage } from './forget.ts';
import { usageDays, usageHours } from './schema.ts';
import { DAY_MS, HOUR_MS } from './sum-statements.ts';

const quiet = createLogger({}, () => undefined);
const db = platformDb(env.DB);

describe('usage past its age', () => {
  it('is deleted to the last row: events and hours after one time, days after another', async () => {
    const tenantId = newId('tenant');
    const now = Date.now();
    // More than one statement deletes.
    await db.run(sql`DELETE FROM usage_events`);
    const of = (days: number, count: number) =>
      Array.from({ length: count }, () =>
        usageEvent({ id: newId('call'), tenantId, at: now - days * DAY_MS }),
      );
    const young = of(39, 2);
    await writeUsage(env.DB, [...of(41, 11_000), ...of(90, 3), ...young], () => []);
    await forgetOldUsage(env.DB, { now: () => now }, quiet, { eventDays: 40, summaryDays: 60 });
    const all = { where: undefined, limit: 20_000 };
    const own = tenantDb(env.DB, { tenantId });
    expect((await own.select(usageEvents, all)).map(({ id }) => id).sort()).toEqual(
      young.map(({ id }) => id).sort(),
    );
    expect(await own.select(usageHours, all)).toHaveLength(1);
    const days = (await own.select(usageDays, all)).map(({ calls }) => calls).sort((a, b) => a - b);
    expect(days).toEqual([2, 11_000]);
  }, 60_000);

  it('stays for the next cron when there is more than one gets done, and a log says so', async () => {
    const tenantId = newId('tenant');
    const now = Date.now();
    await db.run(sql`DELETE FROM usage_events`);
    const old = () => usageEvent({ id: newId('call'), tenantId, at: now - 50 * DAY_MS });
    await writeUsage(env.DB, Array.from({ length: 5_100 }, old), () => []);
    const lines: string[] = [];
    const log = createLogger({}, (_level, line) => lines.push(line));
    const forget = () =>
      forgetOldUsage(env.DB, { now: () => now }, log, { eventDays: 40, summaryDays: 60, rounds: 1 });
    const left = async () =>
      (await tenantDb(env.DB, { tenantId }).select(usageEvents, { where: undefined, limit: 200 })).length;
    await forget();
    expect(await left()).toBe(100);
    expect(lines.join('')).toContain('the next cron goes on');
    await forget();
    expect(await left()).toBe(0);
    expect(lines).toHaveLength(1);
  });
});

describe('POST /v1/operator/usage/rebuild', () => {
  const operator = new Client(OPERATOR_TOKEN, '');
  const path = '/v1/operator/usage/rebuild';
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

  it('makes wrong sums right, says whose they were, and leaves right ones and other days as they are', async () => {
    const [wrong, right] = [(await newTenant()).tenantId, (await newTenant()).tenantId];
    const day = today - 3 * DAY_MS;
    const events = [wrong, right].flatMap((tenantId) =>
      Array.from({ length: 40 }, (_, i) =>
        usageEvent({
          id: newId('call'),
          tenantId,
          at: day - 5 * HOUR_MS + i * HOUR_MS,
          latencyMs: 10 + 37 * i,
        }),
      ),
    );
    await writeUsage(env.DB, events, () => []);
    const stored = async (table: string, tenantId: string) =>
      storedSums(await db.all<SumRow>(sql`SELECT * FROM ${sql.raw(table)} WHERE tenant_id = ${tenantId}`));
    await db.run(sql`UPDATE usage_days SET calls = 999 WHERE tenant_id = ${wrong}`);
    await db.run(sql`DELETE FROM usage_hours WHERE tenant_id = ${wrong} AND at = ${day}`);
    const answer = await operator.fetch(path, { body: { day: dayOf(day) } });
    expect(await answer.json()).toMatchObject({
      object: 'usage_rebuild',
      differed: [wrong],
      remaining: false,
    });
    const own = events.filter(({ tenantId }) => tenantId === wrong);
    expect(await stored('usage_hours', wrong)).toEqual(expectedSums(own, HOUR_MS));
    const days = [...(await stored('usage_days', wrong)).values()].map(({ sums }) => sums.calls);
    expect(days.sort()).toEqual([24, 999, 999]);
    const others = events.filter(({ tenantId }) => tenantId === right);
    expect(await stored('usage_days', right)).toEqual(expectedSums(others, DAY_MS));
    const again = await operator.fetch(path, { body: { day: dayOf(day), tenant_id: wrong } });
    expect(await again.json()).toMatchObject({ tenants: 1, differed: [] });
  });

  it('goes through all tenants in pages', async () => {
    const day = today - 7 * DAY_MS;
    const ids = Array.from({ length: 45 }, () => newId('tenant')).sort();
    await writeUsage(
      env.DB,
      ids.map((tenantId) => usageEvent({ id: newId('call'), tenantId, at: day })),
      () => [],
    );
    let after: string | null = null;
    const counts: number[] = [];
    do {
      const response = await operator.fetch(path, {
        body: { day: dayOf(day), ...(after === null ? {} : { after }) },
      });
      const page: { tenants: number; next_after: string | null } = await response.json();
      counts.push(page.tenants);
      after = page.next_after;
    } while (after !== null);
    expect(counts).toEqual([20, 20, 5]);
  });

  it('refuses a day whose calls are not all kept, and everybody but the operator', async () => {
    const old = { body: { day: dayOf(Date.now() - 400 * DAY_MS) } };
    expect(await problemOf(await operator.fetch(path, old))).toBe('422 invalid_parameter day');
    const client = await newTenant();
    expect((await client.fetch(path, { body: { day: dayOf(today) } })).status).toBe(401);
  });
});
