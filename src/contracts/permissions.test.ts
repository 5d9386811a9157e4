import { expect, test } from 'vitest';
import { allows, PERMISSIONS, type Permission, type PermissionRule, refusalOf } from './permissions.ts';
import { type Principal, ROLES, SCOPES } from './principal.ts';

const principal = (some: Partial<Principal>): Principal => ({
  tenantId: 'ten_1',
  userId: 'usr_1',
  role: 'owner',
  via: 'key',
  scopes: SCOPES,
  ...some,
});
const permissions = Object.keys(PERMISSIONS) as Permission[];

test('every permission is refused to every role, credential and scope that its rule does not name', () => {
  for (const permission of permissions) {
    const { roles, scope, via }: PermissionRule = PERMISSIONS[permission];
    for (const role of ROLES) {
      for (const credential of ['key', 'session', 'oauth'] as const) {
        for (const scopes of [SCOPES, []]) {
          const scoped = scope === null || credential === 'session' || scopes.length > 0;
          const may = roles.includes(role) && via.includes(credential) && scoped;
          expect(allows(principal({ role, via: credential, scopes }), permission)).toBe(may);
        }
      }
    }
  }
});

test('a stronger role may do all that a weaker one may', () => {
  for (const permission of permissions) {
    const may = ROLES.map((role) => allows(principal({ role, via: 'session' }), permission));
    expect(may).toEqual([...may].sort((a, b) => Number(b) - Number(a)));
  }
});

test('a connected app can do nothing that no scope stands for, but find out who it acts for and read the documentation', () => {
  const open = permissions.filter((permission) =>
    allows(principal({ via: 'oauth', scopes: [] }), permission),
  );
  expect(open.sort()).toEqual(['documentation:read', 'self:read']);
});

test('a refusal says first that another credential is needed, then a scope, then a role', () => {
  expect(refusalOf(principal({ via: 'oauth', role: 'viewer' }), 'audit:read')).toBe('credential');
  expect(refusalOf(principal({ scopes: [], role: 'viewer' }), 'models:use')).toBe('scope');
  expect(refusalOf(principal({ role: 'viewer' }), 'models:use')).toBe('role');
  expect(refusalOf(principal({ role: 'member' }), 'models:use')).toBeNull();
});
