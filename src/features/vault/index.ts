/** The vault: tenants' own keys at providers, sealed, and opened for the call that needs them alone. */
import type { Operation } from '../../platform/http/operation.ts';
import { createProviderKeyOperation } from './routes/create-provider-key.ts';
import { listVaultAccess } from './routes/list-access.ts';
import { listProviderKeysOperation } from './routes/list-provider-keys.ts';
import {
  deleteProviderKeyOperation,
  getProviderKeyOperation,
  rotateProviderKeyOperation,
  updateProviderKeyOperation,
  validateProviderKeyOperation,
} from './routes/provider-key.ts';
import { rewrapVault } from './routes/rewrap-vault.ts';
import {
  createSecretOperation,
  deleteSecretOperation,
  getSecretOperation,
  listSecretsOperation,
  rotateSecretOperation,
} from './routes/secrets.ts';
import {
  createVaultOperation,
  deleteVaultOperation,
  getVaultOperation,
  listVaultsOperation,
  updateVaultOperation,
} from './routes/vaults.ts';

export { forgetOldAccess } from './access-log.ts';
export { providerKeys } from './schema.ts';
export { openFor, sealFor } from './seal-for.ts';
export { openSecret, type SecretUse } from './secret-service.ts';
export { spendingStatements } from './spending.ts';
export { tenantModels } from './tenant-catalog.ts';
export { type KeyUse, type TenantKeys, type TenantKeysContext, tenantKeysOf } from './tenant-keys.ts';

export const vaultOperations: readonly Operation[] = [
  createProviderKeyOperation,
  listProviderKeysOperation,
  getProviderKeyOperation,
  updateProviderKeyOperation,
  rotateProviderKeyOperation,
  validateProviderKeyOperation,
  deleteProviderKeyOperation,
  createVaultOperation,
  listVaultsOperation,
  getVaultOperation,
  updateVaultOperation,
  deleteVaultOperation,
  createSecretOperation,
  listSecretsOperation,
  getSecretOperation,
  rotateSecretOperation,
  deleteSecretOperation,
  listVaultAccess,
  rewrapVault,
];
