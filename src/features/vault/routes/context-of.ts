import type { AppContext } from '../../../platform/http/context.ts';
import type { VaultContext } from '../provider-key-service.ts';

/** What the services of this slice need of a request. */
export function contextOf(c: AppContext): VaultContext {
  return {
    env: c.env,
    config: c.get('config'),
    clock: c.get('clock'),
    log: c.get('log'),
    requestId: c.get('requestId'),
    waitUntil: (work) => c.executionCtx.waitUntil(work),
  };
}

export const TAG = 'Provider keys';
export const VAULTS_TAG = 'Vaults';
