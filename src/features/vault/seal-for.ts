import { utf8 } from '../../platform/crypto.ts';
import { dataKeyOf, existingDataKey } from './data-keys.ts';
import { masterKeysOf } from './master-keys.ts';
import { open, type SealedFor, seal } from './sealing.ts';
import type { TenantKeysContext } from './tenant-keys.ts';

type Sealing = Pick<TenantKeysContext, 'env' | 'config' | 'clock'>;
/** What other slices seal. */
type SealedElsewhere = SealedFor & { readonly kind: 'webhook_secret' };

/** Seals a secret of another slice under its tenant's data key, for the one place that it belongs to. Throws `ParallaxError` `unavailable` without a vault. */
export async function sealFor(
  { env, config, clock }: Sealing,
  sealedFor: SealedElsewhere,
  secret: string,
): Promise<string> {
  const masters = await masterKeysOf(config);
  return seal(await dataKeyOf(env.DB, sealedFor.tenantId, masters, clock), utf8(secret), sealedFor);
}

/** Opens what `sealFor` sealed for the same place. Throws `SealBroken`. */
export async function openFor(
  { env, config }: Sealing,
  sealedFor: SealedElsewhere,
  sealed: string,
): Promise<string> {
  const dataKey = await existingDataKey(env.DB, sealedFor.tenantId, await masterKeysOf(config));
  if (dataKey === null) throw new Error('a sealed secret without a data key');
  return new TextDecoder().decode(await open(dataKey, sealed, sealedFor));
}
