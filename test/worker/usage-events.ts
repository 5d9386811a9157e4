/** Usage events in the database, for tests in the Workers runtime. */
import { env } from 'cloudflare:test';
import { sql } from 'drizzle-orm';
import type { UsageEvent } from '../../src/features/metering/index.ts';
import { platformDb } from '../../src/platform/db.ts';

/** The columns of metering's table that this slice reads; the migrations make the table itself, and this one where they do not have it yet. */
export async function createUsageEventsTable(): Promise<void> {
  await platformDb(env.DB).run(sql`
    CREATE TABLE IF NOT EXISTS usage_events (
      id TEXT PRIMARY KEY, ingest TEXT NOT NULL, at INTEGER NOT NULL, tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, key_id TEXT,
      request_id TEXT NOT NULL, run_id TEXT, feature TEXT NOT NULL, client TEXT, model TEXT NOT NULL, provider TEXT NOT NULL,
      key_strategy TEXT NOT NULL, chosen_by TEXT NOT NULL, task TEXT, stream INTEGER NOT NULL, status TEXT NOT NULL, error_kind TEXT,
      input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
      output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, estimated INTEGER NOT NULL, priced INTEGER NOT NULL,
      cost_nano INTEGER NOT NULL, charge_nano INTEGER NOT NULL, latency_ms INTEGER NOT NULL, first_token_ms INTEGER)`);
}

export function usageEvent(more: Partial<UsageEvent> & { readonly id: string }): UsageEvent {
  return {
    at: Date.parse('2026-11-20T12:00:00Z'),
    tenantId: 'ten_1',
    userId: 'usr_1',
    keyId: null,
    requestId: 'req_1',
    runId: null,
    feature: 'chat',
    client: null,
    model: 'openai/gpt-6-sol',
    provider: 'openai',
    keyStrategy: 'platform',
    chosenBy: 'auto',
    task: null,
    stream: true,
    status: 'ok',
    errorKind: null,
    inputTokens: 100,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 100,
    reasoningTokens: 0,
    estimated: false,
    priced: true,
    costNano: 1_000,
    chargeNano: 1_000,
    latencyMs: 1_500,
    firstTokenMs: 500,
    ...more,
  };
}

/** Inserts events as the usage consumer does: one that is there already keeps the marker of its first delivery. */
export async function insertEvents(events: readonly UsageEvent[], ingest: string): Promise<void> {
  const db = platformDb(env.DB);
  for (const event of events) {
    const columns = Object.entries({ ...event, ingest });
    const names = columns.map(([name]) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    const values = columns.map(([, value]) => sql`${typeof value === 'boolean' ? Number(value) : value}`);
    await db.run(
      sql`INSERT INTO usage_events (${sql.raw(names.join(', '))}) VALUES (${sql.join(values, sql`, `)}) ON CONFLICT DO NOTHING`,
    );
  }
}
