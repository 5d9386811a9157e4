import type { z } from 'zod';
import type {
  ApiKeyView,
  createApiKeyRequestSchema,
  createdApiKeySchema,
  meSchema,
} from '../../../src/contracts/identity.ts';
import { ask } from './client.ts';
import type { Page } from './pages-of.ts';

export type CreatedKey = z.infer<typeof createdApiKeySchema>;
export type NewKey = z.input<typeof createApiKeyRequestSchema>;

export const listKeys = (cursor: string | undefined, signal?: AbortSignal) =>
  ask<Page<ApiKeyView>>('GET', '/v1/api-keys', { query: { limit: 100, cursor }, signal });

export const createKey = (body: NewKey, idempotencyKey: string) =>
  ask<CreatedKey>('POST', '/v1/api-keys', { body, idempotencyKey });

export const renameKey = (id: string, name: string) =>
  ask<ApiKeyView>('PATCH', `/v1/api-keys/${id}`, { body: { name } });

export const rotateKey = (id: string, overlapSeconds: number) =>
  ask<CreatedKey>('POST', `/v1/api-keys/${id}/rotate`, { body: { overlap_seconds: overlapSeconds } });

export const revokeKey = (id: string, now: boolean) =>
  ask<ApiKeyView>('DELETE', `/v1/api-keys/${id}`, { query: { now } });

export const readMe = (signal?: AbortSignal) => ask<z.infer<typeof meSchema>>('GET', '/v1/me', { signal });
