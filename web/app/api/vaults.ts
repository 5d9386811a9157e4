import type { z } from 'zod';
import type {
  createVaultRequestSchema,
  createVaultSecretRequestSchema,
  UpdateVaultRequest,
  VaultSecretView,
  VaultView,
} from '../../../src/contracts/vault.ts';
import { ask } from './client.ts';
import type { Page } from './pages-of.ts';

export const listVaults = (cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<VaultView>>('GET', '/v1/vaults', { query: { limit: 100, cursor }, signal });

export const createVault = (body: z.input<typeof createVaultRequestSchema>, idempotencyKey: string) =>
  ask<VaultView>('POST', '/v1/vaults', { body, idempotencyKey });

export const updateVault = (id: string, body: UpdateVaultRequest) =>
  ask<VaultView>('PATCH', `/v1/vaults/${id}`, { body });

export const deleteVault = (id: string) => ask<{ id: string }>('DELETE', `/v1/vaults/${id}`);

export const listSecrets = (vaultId: string, cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<VaultSecretView>>('GET', `/v1/vaults/${vaultId}/secrets`, {
    query: { limit: 100, cursor },
    signal,
  });

export const addSecret = (
  vaultId: string,
  body: z.input<typeof createVaultSecretRequestSchema>,
  idempotencyKey: string,
) => ask<VaultSecretView>('POST', `/v1/vaults/${vaultId}/secrets`, { body, idempotencyKey });

/** Without an end it keeps the one that it has. */
export const rotateSecret = ({ vault_id: vaultId, id }: VaultSecretView, value: string) =>
  ask<VaultSecretView>('POST', `/v1/vaults/${vaultId}/secrets/${id}/rotate`, { body: { value } });

export const deleteSecret = ({ vault_id: vaultId, id }: VaultSecretView) =>
  ask<{ id: string }>('DELETE', `/v1/vaults/${vaultId}/secrets/${id}`);
