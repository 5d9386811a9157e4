import { PERMISSIONS, type PermissionRule } from '../../src/contracts/permissions.ts';
import type { Access } from '../../src/platform/http/operation.ts';

/** Whether an operation is open to people who are signed in at a browser, and to no key. */
export function needsBrowser(access: Access): boolean {
  if (access.kind !== 'principal') return access.kind === 'person';
  const { via }: PermissionRule = PERMISSIONS[access.permission];
  return !via.includes('key');
}
