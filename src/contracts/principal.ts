import { z } from 'zod';

/**
 * What a bearer may do. OAuth tokens and API keys carry a list of these; a tool or route names the one it needs.
 * `offline_access` is an OAuth scope only: it asks for a refresh token and opens nothing by itself.
 */
export const SCOPES = [
  'perspectives',
  'models',
  'memory:read',
  'memory:write',
  'knowledge',
  'visual',
  'usage:read',
  'cli',
  'offline_access',
] as const;

export const scopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof scopeSchema>;

/** Scopes a secret key gets when its maker names none. */
export const DEFAULT_KEY_SCOPES: readonly Scope[] = SCOPES.filter((scope) => scope !== 'offline_access');

/** What a user may do in a tenant, strongest first. */
export const ROLES = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Who a request acts for. Every query and every charge is made in a principal's name. */
export interface Principal {
  readonly tenantId: string;
  readonly userId: string;
  /** The user's role in the tenant. */
  readonly role: Role;
  /** What was shown: an API key, a browser's session, or the token of a connected app. */
  readonly via: 'key' | 'session' | 'oauth';
  /** The API key that was shown, when one was. */
  readonly keyId?: string;
  /** The OAuth client that was authorized, when one was. */
  readonly clientId?: string;
  readonly scopes: readonly Scope[];
}
