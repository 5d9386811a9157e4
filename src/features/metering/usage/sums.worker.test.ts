import { env } from 'cloudflare:test';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usageEvent } from '../../../../test/worker/usage-events.ts';
import { platformDb } from '../../../platform/db.ts';
import { newId } from '../../../platform/ids.ts';
import { writeUsage } from '../consume-usage.ts';
import type { UsageEvent } from '../usage-event.ts';
import { arbitraryEvents, expectedSums, type SumRow, storedSums } from './expected-sums.fixture.ts';
import { SUM_TABLES } from './sum-statements.ts';

const db = platformDb(env.DB);
const FROM = Date.parse('2026-11-20T20:30:00Z');

async function stored(table: string, tenantIds: readonly string[]) {
  const tenants = JSON.stringify(tenantIds);
  return storedSums(
    await db.all<SumRow>(
      sql`SELECT * FROM ${sql.raw(table)} WHERE tenant_id IN (SELECT value FROM json_each(${tenants}))`,
    ),
  );
}

describe('hours and days', () => {
  it('are what the events add up to, in whatever batches and order they come, and however often', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryEvents(['ten_a', 'ten_b'], FROM),
        fc.infiniteStream(fc.integer({ min: 1, max: 25 })),
        fc.infiniteStream(fc.nat()),
        async (drawn, sizes, places) => {
          // Tenants and ids are new each time: nothing that another run wrote is met.
          const run = crypto.randomUUID();
          const events = drawn.map((one) => ({
            ...one,
            id: `${one.id}-${run}`,
            tenantId: `${one.tenantId}-${run}`,
          }));
          const again = events.filter(() => places.next().value % 3 === 0);
          const order = [...events, ...again]
            .map((event) => ({ event, place: places.next().value }))
            .sort((a, b) => a.place - b.place)
            .map(({ event }) => event);
          const unseen: UsageEvent[] = [];
          while (order.length > 0)
            unseen.push(...(await writeUsage(env.DB, order.splice(0, sizes.next().value), () => [])));
          expect(unseen.map(({ id }) => id).sort()).toEqual(events.map(({ id }) => id).sort());
          const tenants = [`ten_a-${run}`, `ten_b-${run}`];
          for (const { table, spanMs } of SUM_TABLES)
            expect(await stored(table, tenants)).toEqual(expectedSums(events, spanMs));
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  it('hold more events than one statement takes', async () => {
    const tenantId = newId('tenant');
    const events = Array.from({ length: 1_300 }, (_, i) =>
      usageEvent({
        id: newId('call'),
        tenantId,
        at: FROM + i * 60_000,
        latencyMs: 1 + i * 17,
        userId: `usr_${i % 7}`,
      }),
    );
    expect(await writeUsage(env.DB, events, () => [])).toHaveLength(1_300);
    expect(await writeUsage(env.DB, events, () => [])).toEqual([]);
    for (const { table, spanMs } of SUM_TABLES)
      expect(await stored(table, [tenantId])).toEqual(expectedSums(events, spanMs));
    const [types] = await db.all(
      sql`SELECT DISTINCT typeof(at) AS at, typeof(calls) AS calls, typeof(cost_nano) AS cost FROM usage_days WHERE tenant_id = ${tenantId}`,
    );
    expect(types).toEqual({ at: 'integer', calls: 'integer', cost: 'integer' });
  });

  it('are left as they were when what else follows from the batch cannot be written', async () => {
    const tenantId = newId('tenant');
    const events = [usageEvent({ id: newId('call'), tenantId })];
    await expect(
      writeUsage(env.DB, events, () => [sql`INSERT INTO no_such_table VALUES (1)`]),
    ).rejects.toThrow();
    expect((await stored('usage_days', [tenantId])).size).toBe(0);
    await writeUsage(env.DB, events, () => []);
    expect(await stored('usage_days', [tenantId])).toEqual(expectedSums(events, 24 * 60 * 60 * 1000));
  });
});
