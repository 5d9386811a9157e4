import type { Principal } from '../../contracts/principal.ts';
import type { AppContext } from '../../platform/http/context.ts';
import type { Catalog } from '../catalog/index.ts';
import { type TenantKeys, tenantModels } from '../vault/index.ts';

/** The models that a tenant can reach, and its own keys. */
export interface TenantModels {
  readonly catalog: Catalog;
  readonly keys: TenantKeys;
}

/** What the principal of a request can reach, with the platform's keys and its own. */
export function modelsOf(c: AppContext, { tenantId, userId }: Principal): Promise<TenantModels> {
  return tenantModels(
    {
      env: c.env,
      config: c.get('config'),
      clock: c.get('clock'),
      log: c.get('log'),
      waitUntil: (work) => c.executionCtx.waitUntil(work),
    },
    { tenantId, userId, requestId: c.get('requestId'), reason: 'call' },
  );
}
