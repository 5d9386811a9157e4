import { and, desc, eq, gte, lt, or, type SQL, sql } from 'drizzle-orm';
import type { UsageEventFilters, UsageEventView } from '../../../contracts/usage.ts';
import { iso } from '../../../platform/clock.ts';
import { platformBatch, tenantDb } from '../../../platform/db.ts';
import { ParallaxError } from '../../../platform/errors.ts';
import { nano, toUsd } from '../../../platform/money.ts';
import { usageEvents } from '../schema.ts';
import type { Whose } from './whose.ts';

export type UsageRow = typeof usageEvents.$inferSelect;

/** Where a list went to: the time and the id of the last event that was seen. Events are ordered by both, newest first. */
export interface EventPlace {
  readonly at: number;
  readonly id: string;
}

/** Which events are meant, with the time that they lie in. `from` and `to` in milliseconds, null where there is no bound. */
export interface EventSearch {
  readonly whose: Whose;
  readonly filters: Omit<UsageEventFilters, 'from' | 'to' | 'user_id'>;
  readonly from: number | null;
  readonly to: number | null;
}

const THIRTY_DAYS_MS = 30 * 24 * 60 * 60 * 1000;

/** What is asked, with its times read. Throws `ParallaxError` where they are the wrong way round. Pure. */
export function eventSearch(query: UsageEventFilters, whose: Whose, now: number): EventSearch {
  const { from, to, user_id: _, ...filters } = query;
  const until = to === undefined ? null : Date.parse(to);
  // A run's calls are few and found by their ids, however old they are.
  const since =
    from !== undefined
      ? Date.parse(from)
      : filters.run_id === undefined
        ? (until ?? now) - THIRTY_DAYS_MS
        : null;
  if (since !== null && until !== null && since >= until)
    throw new ParallaxError('invalid_parameter', '`from` must be before `to`.', { param: 'from' });
  return { whose, filters, from: since, to: until };
}

/** A tenant's events that fit, newest first, after a place. */
export function findEvents(
  d1: D1Database,
  tenantId: string,
  search: EventSearch,
  { after, limit }: { readonly after: EventPlace | null; readonly limit: number },
): Promise<UsageRow[]> {
  return tenantDb(d1, { tenantId }).select(usageEvents, {
    where: and(conditionOf(search), after === null ? undefined : behind(after)),
    orderBy: [desc(usageEvents.at), desc(usageEvents.id)],
    limit,
  });
}

/** How many there are, counted up to a number and no further. */
export async function countEvents(
  d1: D1Database,
  tenantId: string,
  search: EventSearch,
  upTo: number,
): Promise<number> {
  const own = and(eq(usageEvents.tenantId, tenantId), conditionOf(search));
  const found = sql`SELECT 1 FROM ${usageEvents} WHERE ${own} LIMIT ${upTo}`;
  const [rows] = await platformBatch(d1, [sql`SELECT count(*) AS count FROM (${found})`]);
  return Number(rows?.[0]?.count ?? 0);
}

function conditionOf({ whose, filters, from, to }: EventSearch): SQL | undefined {
  return and(
    whose === null ? undefined : eq(usageEvents.userId, whose),
    from === null ? undefined : gte(usageEvents.at, from),
    to === null ? undefined : lt(usageEvents.at, to),
    ...conditions(filters),
  );
}

function behind({ at, id }: EventPlace): SQL | undefined {
  return or(lt(usageEvents.at, at), and(eq(usageEvents.at, at), lt(usageEvents.id, id)));
}

function conditions(filters: EventSearch['filters']): (SQL | undefined)[] {
  const { model, provider, feature, key_id, provider_key_id, key_strategy, status, run_id, request_id } =
    filters;
  return [
    model === undefined ? undefined : eq(usageEvents.model, model),
    provider === undefined ? undefined : eq(usageEvents.provider, provider),
    feature === undefined ? undefined : eq(usageEvents.feature, feature),
    key_id === undefined ? undefined : eq(usageEvents.keyId, key_id),
    provider_key_id === undefined ? undefined : eq(usageEvents.providerKeyId, provider_key_id),
    key_strategy === undefined ? undefined : eq(usageEvents.keyStrategy, key_strategy),
    status === undefined ? undefined : eq(usageEvents.status, status),
    request_id === undefined ? undefined : eq(usageEvents.requestId, request_id),
    // The ids of a run's events begin with the run's: its rows are one range of the primary key ('0' is the character after '/').
    run_id === undefined
      ? undefined
      : and(
          eq(usageEvents.runId, run_id),
          gte(usageEvents.id, `${run_id}/`),
          lt(usageEvents.id, `${run_id}0`),
        ),
  ];
}

/** A cursor is the last event that was seen. */
export function cursorOf({ at, id }: EventPlace): string {
  return `${at}.${id}`;
}

export function placeOf(cursor: string): EventPlace {
  const [, at, id] = /^(\d{1,15})\.(.{1,200})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined)
    throw new ParallaxError('invalid_parameter', '`cursor` is not one that a list gave.', {
      param: 'cursor',
    });
  return { at: Number(at), id };
}

/** An event as it is shown. Pure. */
export function eventView(row: UsageRow): UsageEventView {
  const { costNano, chargeNano } = row;
  return {
    id: row.id,
    object: 'usage_event',
    created_at: iso(row.at),
    user_id: row.userId,
    key_id: row.keyId,
    provider_key_id: row.providerKeyId,
    request_id: row.requestId,
    run_id: row.runId,
    feature: row.feature,
    client: row.client,
    model: row.model,
    provider: row.provider,
    key_strategy: row.keyStrategy,
    chosen_by: row.chosenBy,
    stream: row.stream,
    status: row.status,
    error_kind: row.errorKind,
    input_tokens: row.inputTokens,
    cached_input_tokens: row.cachedInputTokens,
    cache_write_tokens: row.cacheWriteTokens,
    output_tokens: row.outputTokens,
    reasoning_tokens: row.reasoningTokens,
    estimated: row.estimated,
    priced: row.priced,
    cost_usd: toUsd(nano(costNano)),
    cost_nano_usd: costNano,
    charge_usd: toUsd(nano(chargeNano)),
    charge_nano_usd: chargeNano,
    latency_ms: row.latencyMs,
    first_token_ms: row.firstTokenMs,
  };
}
