import { type SQL, sql } from 'drizzle-orm';
import { providerKeyMonths } from './schema.ts';

/**
 * Adds what a batch of usage events spent with tenants' own keys to the keys' months, in the transaction that writes the events and for them alone, so that an
 * event that comes twice counts once.
 */
export function spendingStatements(written: SQL): readonly SQL[] {
  return [
    sql`INSERT INTO ${providerKeyMonths} ("tenant_id", "key_id", "month", "cost_nano")
      SELECT usage_events.tenant_id, usage_events.provider_key_id, strftime('%Y-%m', usage_events.at / 1000, 'unixepoch'), sum(usage_events.cost_nano)
      FROM usage_events WHERE ${written} AND usage_events.provider_key_id IS NOT NULL
      GROUP BY 1, 2, 3
      ON CONFLICT DO UPDATE SET cost_nano = cost_nano + excluded.cost_nano`,
  ];
}
