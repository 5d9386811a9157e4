import type { Role } from '../../contracts/principal.ts';
import { ParallaxError } from '../../platform/errors.ts';

/**
 * Who may change whose membership. A tenant has one owner from its beginning to its end: the owner is not removed, does not leave and gets no other
 * role; they hand the tenant over, or delete it. Admins manage everybody else, one another included. All of it is pure.
 */

/** Most people in a tenant: whoever deletes one tells each of their limiters. */
export const MAX_MEMBERS = 200;

/** Throws why somebody's role cannot be changed, or they cannot be removed; `ParallaxError` `conflict`. */
export function requireChangeable(target: Role): void {
  if (target !== 'owner') return;
  throw new ParallaxError(
    'conflict',
    'This person owns the tenant. A tenant has an owner as long as it exists: hand it over first (POST /v1/tenants/{id}/transfer).',
    { details: { reason: 'owner' } },
  );
}

/** Throws why somebody cannot leave; `ParallaxError` `conflict`. */
export function requireLeavable(role: Role, personal: boolean): void {
  if (personal) {
    throw new ParallaxError('conflict', 'This is your own space. It goes with your account.', {
      details: { reason: 'personal' },
    });
  }
  if (role !== 'owner') return;
  throw new ParallaxError(
    'conflict',
    'You own this tenant. Hand it over to another member first (POST /v1/tenants/{id}/transfer), or delete it.',
    { details: { reason: 'owner' } },
  );
}

/** Throws when a tenant is a person's own space, where nobody else belongs; `ParallaxError` `conflict`. */
export function requireShared(personal: boolean, what: string): void {
  if (!personal) return;
  throw new ParallaxError('conflict', `${what} Make a tenant for that (POST /v1/tenants).`, {
    details: { reason: 'personal' },
  });
}
