import type { Principal } from '../../contracts/principal.ts';
import type { RoutingSettingsRequest } from '../../contracts/routing.ts';
import { tenantDb } from '../../platform/db.ts';
import { forgetTenantRouting } from './load-tenant.ts';
import type { RoutingContext } from './routing-context.ts';
import { routingSettings } from './schema.ts';
import { settingsOf } from './stored.ts';
import { NOTHING_SET, type TenantRouting } from './tenant-routing.ts';

type Settings = Pick<TenantRouting, 'exploration' | 'weights'>;

/** A tenant's settings; the defaults when it has set none. */
export async function getSettings({ env }: RoutingContext, principal: Principal): Promise<Settings> {
  const row = await tenantDb(env.DB, principal).first(routingSettings, undefined);
  return row === undefined ? NOTHING_SET : settingsOf(row);
}

/** Sets a tenant's settings, all of them. Throws `ParallaxError` `insufficient_scope` for a viewer. */
export async function putSettings(
  { env, config, clock }: RoutingContext,
  principal: Principal,
  { exploration, weights }: RoutingSettingsRequest,
): Promise<Settings> {
  const row = {
    exploration,
    costWeight: weights.cost,
    latencyWeight: weights.latency,
    qualityWeight: weights.quality,
    reliabilityWeight: weights.reliability,
    updatedAt: clock.now(),
  };
  const db = tenantDb(env.DB, principal);
  await db.insert(routingSettings, [row]);
  await db.update(routingSettings, row, undefined);
  forgetTenantRouting(config, principal.tenantId);
  return { exploration, weights };
}
