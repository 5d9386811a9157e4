import { type Catalog, loadCatalog } from '../catalog/index.ts';
import { type KeyUse, type TenantKeys, type TenantKeysContext, tenantKeysOf } from './tenant-keys.ts';

/** The models that a tenant can reach, with the platform's keys and with its own, and the keys to reach them. */
export async function tenantModels(
  context: TenantKeysContext,
  use: KeyUse,
): Promise<{ readonly catalog: Catalog; readonly keys: TenantKeys }> {
  const keys = await tenantKeysOf(context, use);
  return { keys, catalog: await loadCatalog(context.env, context.config, context.clock, keys.providers) };
}
