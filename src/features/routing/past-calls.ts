import { and, desc, gte, notInArray } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Principal } from '../../contracts/principal.ts';
import { tenantDb } from '../../platform/db.ts';
import type { UsageEvent } from '../metering/index.ts';

/** Calls that a rule is tried on, the newest. */
export const MAX_PAST_CALLS = 3_000;

/** What of metering's table of usage events is read here; the table itself is metering's. */
const usageEvents = sqliteTable('usage_events', {
  tenantId: text('tenant_id').notNull(),
  at: integer('at').notNull(),
  feature: text('feature').$type<UsageEvent['feature']>().notNull(),
  model: text('model').notNull(),
  chosenBy: text('chosen_by').$type<UsageEvent['chosenBy']>().notNull(),
  task: text('task'),
  status: text('status').$type<UsageEvent['status']>().notNull(),
  inputTokens: integer('input_tokens').notNull(),
  outputTokens: integer('output_tokens').notNull(),
  priced: integer('priced', { mode: 'boolean' }).notNull(),
  costNano: integer('cost_nano').notNull(),
  latencyMs: integer('latency_ms').notNull(),
});

export type PastCall = Pick<
  UsageEvent,
  | 'at'
  | 'feature'
  | 'model'
  | 'chosenBy'
  | 'task'
  | 'status'
  | 'inputTokens'
  | 'outputTokens'
  | 'priced'
  | 'costNano'
  | 'latencyMs'
>;

/** Calls that a rule could have concerned: whole ones that somebody asked for, without those of runs and without embeddings. Newest first. */
export async function pastCalls(
  d1: D1Database,
  principal: Pick<Principal, 'tenantId'>,
  since: number,
): Promise<{ readonly calls: readonly PastCall[]; readonly truncated: boolean }> {
  const calls = await tenantDb(d1, principal).select(usageEvents, {
    where: and(
      gte(usageEvents.at, since),
      notInArray(usageEvents.feature, ['embeddings', 'perspective', 'merge', 'debate']),
      notInArray(usageEvents.status, ['failed', 'cancelled', 'cached']),
    ),
    orderBy: desc(usageEvents.at),
    limit: MAX_PAST_CALLS + 1,
  });
  return { calls: calls.slice(0, MAX_PAST_CALLS), truncated: calls.length > MAX_PAST_CALLS };
}
