import type { ProviderView } from '../../contracts/models.ts';
import { iso } from '../../platform/clock.ts';
import type { Availability } from './availability.ts';
import type { ProviderDefinition } from './definition.ts';
import type { HealthSummary } from './health.ts';

/** A check older than this says nothing any more; checks come every five minutes. */
export const CHECK_FRESH_MS = 15 * 60_000;
/** Fewer calls than this are too few to judge by. */
const ENOUGH_CALLS = 5;
const DEGRADED_BELOW = 0.95;
const DOWN_BELOW = 0.5;

/**
 * One word for a provider's health. Real calls weigh more than the active check: what people just did succeeded or failed whatever a
 * list of models says.
 */
export function healthState(summary: HealthSummary, now: number): ProviderView['health']['state'] {
  const checked = summary.check !== null && now - summary.check.at <= CHECK_FRESH_MS ? summary.check : null;
  const rate = summary.calls === 0 ? null : summary.succeeded / summary.calls;
  if (summary.circuit === 'open') return 'down';
  if (rate !== null && summary.calls >= ENOUGH_CALLS) {
    if (rate < DOWN_BELOW) return 'down';
    if (rate < DEGRADED_BELOW || summary.circuit === 'half_open') return 'degraded';
    return checked?.ok === false ? 'degraded' : 'healthy';
  }
  if (summary.circuit === 'half_open') return 'degraded';
  if (checked !== null) return checked.ok ? 'healthy' : summary.succeeded > 0 ? 'degraded' : 'down';
  if (rate === null) return 'unknown';
  return rate > 0 ? 'healthy' : 'degraded';
}

/** A provider as `GET /v1/providers` shows it. */
export function providerView(
  provider: ProviderDefinition,
  { available, needs }: Availability,
  summary: HealthSummary,
  now: number,
): ProviderView {
  return {
    id: provider.id,
    name: provider.name,
    wire_format: provider.wire,
    available,
    needs: [...needs],
    health: {
      state: healthState(summary, now),
      window: {
        calls: summary.calls,
        success_rate: summary.calls === 0 ? null : summary.succeeded / summary.calls,
        first_token_p50_ms: summary.firstTokenP50Ms,
        first_token_p95_ms: summary.firstTokenP95Ms,
      },
      circuit: summary.circuit,
      check:
        summary.check === null
          ? null
          : {
              ok: summary.check.ok,
              at: iso(summary.check.at),
              latency_ms: summary.check.latencyMs,
              error: summary.check.error,
            },
    },
  };
}
