import type { Catalog } from '../../src/features/catalog/index.ts';
import { type CallSurroundings, createCallContext } from '../../src/features/providers/index.ts';
import { tenantModels } from '../../src/features/vault/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Config } from '../../src/platform/config.ts';
import type { Logger } from '../../src/platform/log.ts';

/** Whose run it is. */
export interface RunOwner {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
}

/** What a run's calls are made with: the models and keys of its tenant. An object outlives its requests, so nothing needs to be kept alive for what follows. */
export async function callingFor(
  env: Env,
  config: Config,
  { id, tenantId, userId }: RunOwner,
  log: Logger,
): Promise<{ readonly catalog: Catalog; readonly context: CallSurroundings }> {
  const waitUntil = (work: Promise<unknown>) => void work.catch(() => undefined);
  const { catalog, keys } = await tenantModels(
    { env, config, clock: systemClock, log, waitUntil },
    { tenantId, userId, requestId: id, reason: 'run' },
  );
  return { catalog, context: createCallContext(env, config, log, undefined, keys.source) };
}
