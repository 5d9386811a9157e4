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
  /** The key that it was rotated from, and that one from, to the first; absent for one that is the first itself. */
  readonly keyFamilyId?: string;
  /** The key has a monthly limit: what it spends is lent by its user's limiter besides the tenant's ledger. */
  readonly spendLimited?: true;
  /** The OAuth client that was authorized, when one was. */
  readonly clientId?: string;
  readonly scopes: readonly Scope[];
}

/** Who is signed in at a browser, whatever the tenant: the one who may manage their own account. */
export interface Person {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly emailVerified: boolean;
  /** Whether codes of an authenticator app are asked for. */
  readonly twoFactor: boolean;
  /** Whether the operator's routes are open to them. */
  readonly operator: boolean;
  /** When they became one, in milliseconds. */
  readonly createdAt: number;
  readonly session: {
    readonly id: string;
    /** When they signed in and when the session ends, in milliseconds. */
    readonly createdAt: number;
    readonly expiresAt: number;
    /** The tenant that they chose; null before there is one. */
    readonly tenantId: string | null;
    /** Their role in it; null when they have left it since. */
    readonly role: Role | null;
  };
}
