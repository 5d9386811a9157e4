import type { z } from 'zod';
import type {
  connectedAppListSchema,
  oauthDecidedSchema,
  oauthRequestSchema,
} from '../../../src/contracts/oauth.ts';
import type { Scope } from '../../../src/contracts/principal.ts';
import { ask } from './client.ts';

export type OAuthRequest = z.infer<typeof oauthRequestSchema>;
export type ConnectedApp = z.infer<typeof connectedAppListSchema>['data'][number];

export const readRequest = (id: string, signal?: AbortSignal) =>
  ask<OAuthRequest>('GET', `/v1/oauth/requests/${encodeURIComponent(id)}`, { signal });

export const decide = (
  id: string,
  body: { decision: 'deny' } | { decision: 'allow'; tenant_id: string; scopes: Scope[]; remember: boolean },
) =>
  ask<z.infer<typeof oauthDecidedSchema>>('POST', `/v1/oauth/requests/${encodeURIComponent(id)}`, { body });

export const listApps = (signal?: AbortSignal) =>
  ask<z.infer<typeof connectedAppListSchema>>('GET', '/v1/connected-apps', { signal });

export const disconnect = (id: string) => ask<{ id: string }>('DELETE', `/v1/connected-apps/${id}`);
