import type { Principal, Role, Scope } from './principal.ts';

/** How a principal proved who it is. */
export type CredentialKind = Principal['via'];

/** Who may do one thing: every line of the three must hold. */
export interface PermissionRule {
  /** Roles in the tenant. */
  readonly roles: readonly Role[];
  /** The scope that keys and tokens need; null where none stands for it. Browser sessions act with all that their person may do. */
  readonly scope: Scope | null;
  readonly via: readonly CredentialKind[];
}

const EVERYONE: readonly Role[] = ['owner', 'admin', 'member', 'viewer'];
const WORKERS: readonly Role[] = ['owner', 'admin', 'member'];
const MANAGERS: readonly Role[] = ['owner', 'admin'];
const OWNER: readonly Role[] = ['owner'];

const ANY: readonly CredentialKind[] = ['key', 'session', 'oauth'];
/** An app that somebody connected acts within its scopes alone, and there is none for what manages a tenant. */
const OWN: readonly CredentialKind[] = ['key', 'session'];
/** What cannot be undone, or gives a way in: a person at a browser, who can be asked again. */
const PERSON: readonly CredentialKind[] = ['session'];

const rule = (
  roles: readonly Role[],
  scope: Scope | null,
  via: readonly CredentialKind[],
): PermissionRule => ({ roles, scope, via });

/**
 * The one table that says who may do what, for routes, MCP tools, sockets and queues alike. A route or tool names one of these; what is not
 * here cannot be done.
 */
export const PERMISSIONS = {
  'self:read': rule(EVERYONE, null, ANY),
  'documentation:read': rule(EVERYONE, null, ANY),
  'models:read': rule(EVERYONE, 'models', ANY),
  'models:use': rule(WORKERS, 'models', ANY),
  'perspectives:read': rule(EVERYONE, 'perspectives', ANY),
  'perspectives:use': rule(WORKERS, 'perspectives', ANY),
  'routing:read': rule(EVERYONE, 'models', ANY),
  'routing:write': rule(MANAGERS, 'models', OWN),
  /** One's own calls; those of the others in the tenant need `usage:read_all` besides. */
  'usage:read': rule(EVERYONE, 'usage:read', ANY),
  'usage:read_all': rule(MANAGERS, 'usage:read', ANY),
  'credits:read': rule(EVERYONE, 'usage:read', ANY),
  /** Those that bound oneself; owners and admins see all. */
  'budgets:read': rule(EVERYONE, 'usage:read', ANY),
  'budgets:write': rule(MANAGERS, null, OWN),
  /** What one was told; which those are goes by the role. */
  'notices:read': rule(EVERYONE, null, OWN),
  'billing:read': rule(MANAGERS, null, OWN),
  /** Commits somebody to pay, on pages of another site: the owner, at a browser. */
  'billing:write': rule(OWNER, null, PERSON),
  'api_keys:read': rule(EVERYONE, null, OWN),
  'api_keys:write': rule(WORKERS, null, OWN),
  'provider_keys:read': rule(WORKERS, null, OWN),
  'provider_keys:write': rule(MANAGERS, null, OWN),
  'vaults:read': rule(MANAGERS, null, OWN),
  'vaults:write': rule(MANAGERS, null, OWN),
  'webhooks:read': rule(MANAGERS, null, OWN),
  'webhooks:write': rule(MANAGERS, null, OWN),
  'apps:read': rule(EVERYONE, null, OWN),
  'apps:write': rule(EVERYONE, null, OWN),
  'members:read': rule(EVERYONE, null, OWN),
  'members:write': rule(MANAGERS, null, PERSON),
  'members:leave': rule(EVERYONE, null, PERSON),
  'tenant:write': rule(MANAGERS, null, PERSON),
  'tenant:own': rule(OWNER, null, PERSON),
  'audit:read': rule(MANAGERS, null, OWN),
  'audit:manage': rule(OWNER, null, PERSON),
} as const satisfies Record<string, PermissionRule>;

export type Permission = keyof typeof PERMISSIONS;

/** Why a principal may not do something: the credential is of the wrong kind, lacks the scope, or its person has another role. */
export type Refusal = 'credential' | 'scope' | 'role';

/** Whether a principal may do something; null when it may. Pure. */
export function refusalOf(principal: Principal, permission: Permission): Refusal | null {
  const { roles, scope, via }: PermissionRule = PERMISSIONS[permission];
  if (!via.includes(principal.via)) return 'credential';
  if (scope !== null && principal.via !== 'session' && !principal.scopes.includes(scope)) return 'scope';
  return roles.includes(principal.role) ? null : 'role';
}

export function allows(principal: Principal, permission: Permission): boolean {
  return refusalOf(principal, permission) === null;
}
