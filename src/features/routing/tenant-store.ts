import { asc } from 'drizzle-orm';
import type { Principal } from '../../contracts/principal.ts';
import { tenantDb } from '../../platform/db.ts';
import { routingPanels, routingRules, routingSettings } from './schema.ts';
import { panelOf, ruleOf, settingsOf } from './stored.ts';
import { MAX_PANELS, MAX_RULES, NOTHING_SET, type TenantRouting } from './tenant-routing.ts';

/** Reads all that a tenant has set. */
export async function readTenantRouting(
  d1: D1Database,
  principal: Pick<Principal, 'tenantId'>,
): Promise<TenantRouting> {
  const db = tenantDb(d1, principal);
  const [rules, panels, settings] = await Promise.all([
    db.select(routingRules, {
      orderBy: [asc(routingRules.priority), asc(routingRules.id)],
      limit: MAX_RULES,
    }),
    db.select(routingPanels, { orderBy: asc(routingPanels.id), limit: MAX_PANELS }),
    db.first(routingSettings, undefined),
  ]);
  return {
    ...NOTHING_SET,
    ...(settings === undefined ? {} : settingsOf(settings)),
    rules: rules.map(ruleOf),
    panels: panels.map(panelOf),
  };
}
