import type { Logger } from '../../../platform/log.ts';
import type { UsageEvent } from '../usage-event.ts';

/** Points of one invocation (https://developers.cloudflare.com/analytics/analytics-engine/limits/). */
const MOST_POINTS = 250;

/**
 * Writes a point for each new event, for dashboards and for SQL over all tenants at once. Of more than an invocation may write, as many as it may
 * are drawn evenly, each with how many it stands for as its first number. Whatever fails is no failure of the batch: the database is what counts.
 */
export function writePoints(
  points: Pick<AnalyticsEngineDataset, 'writeDataPoint'>,
  events: readonly UsageEvent[],
  log: Logger,
): void {
  try {
    for (const { event, weight } of drawn(events, MOST_POINTS)) points.writeDataPoint(pointOf(event, weight));
  } catch (error) {
    log.error('points of usage could not be written', { events: events.length, error });
  }
}

/** At most `most` of some things, evenly spread; the weights add up to how many there are. Pure. */
export function drawn(
  events: readonly UsageEvent[],
  most: number,
): readonly { readonly event: UsageEvent; readonly weight: number }[] {
  const count = Math.min(most, events.length);
  const weight = events.length / Math.max(1, count);
  return events
    .filter(
      (_, i) => Math.floor((i * count) / events.length) !== Math.floor(((i - 1) * count) / events.length),
    )
    .map((event) => ({ event, weight }));
}

/** What is in a point; the order is the contract of queries (docs/usage.md). Holds ids and numbers, nothing that anybody wrote but the program's name. Pure. */
export function pointOf(event: UsageEvent, weight: number): AnalyticsEngineDataPoint {
  return {
    indexes: [event.tenantId],
    blobs: [
      event.model,
      event.provider,
      event.feature,
      event.keyStrategy,
      event.status,
      event.errorKind,
      event.chosenBy,
      event.client,
      event.userId,
      event.keyId,
    ],
    doubles: [
      weight,
      event.latencyMs,
      event.firstTokenMs ?? -1,
      event.inputTokens,
      event.cachedInputTokens,
      event.cacheWriteTokens,
      event.outputTokens,
      event.reasoningTokens,
      event.costNano,
      event.chargeNano,
    ],
  };
}
