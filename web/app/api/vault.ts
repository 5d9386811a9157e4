import type { z } from 'zod';
import type { ProviderView } from '../../../src/contracts/models.ts';
import type {
  createProviderKeyRequestSchema,
  ProviderKeyView,
  UpdateProviderKeyRequest,
  vaultAccessListSchema,
} from '../../../src/contracts/vault.ts';
import { ask } from './client.ts';

export type NewProviderKey = z.input<typeof createProviderKeyRequestSchema>;
type List<Row> = { readonly data: readonly Row[] };

export const listProviderKeys = (signal?: AbortSignal) =>
  ask<List<ProviderKeyView>>('GET', '/v1/provider-keys', { signal });

export const listProviders = (signal?: AbortSignal) =>
  ask<List<ProviderView>>('GET', '/v1/providers', { signal });

export const addProviderKey = (body: NewProviderKey) =>
  ask<ProviderKeyView>('POST', '/v1/provider-keys', { body });

export const updateProviderKey = (id: string, body: UpdateProviderKeyRequest) =>
  ask<ProviderKeyView>('PATCH', `/v1/provider-keys/${id}`, { body });

export const rotateProviderKey = (id: string, key: string) =>
  ask<ProviderKeyView>('POST', `/v1/provider-keys/${id}/rotate`, { body: { key } });

export const validateProviderKey = (id: string) =>
  ask<ProviderKeyView>('POST', `/v1/provider-keys/${id}/validate`);

export const deleteProviderKey = (id: string) => ask<{ id: string }>('DELETE', `/v1/provider-keys/${id}`);

export const listAccess = (cursor: string | undefined, objectId: string, signal?: AbortSignal) =>
  ask<z.infer<typeof vaultAccessListSchema>>('GET', '/v1/vault/access', {
    query: { cursor, object_id: objectId, limit: 20 },
    signal,
  });
