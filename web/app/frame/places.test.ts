import { describe, expect, it } from 'vitest';
import { allows } from '../../../src/contracts/permissions.ts';
import { ROLES, type Role } from '../../../src/contracts/principal.ts';
import { placesFor } from './places.tsx';

/** The names of the places that somebody of a role has in the rail. */
function placesOf(role: Role): readonly string[] {
  const principal = { tenantId: 'ten_1', userId: 'usr_1', role, via: 'session', scopes: [] } as const;
  return placesFor((permission) => allows(principal, permission)).flatMap(({ places }) =>
    places.map(({ label }) => label),
  );
}

describe('the rail', () => {
  it('shows owners and admins what they alone manage, and nobody else', () => {
    const managed = ['Vaults', 'Webhooks', 'Audit log'];
    for (const role of ['owner', 'admin'] as const)
      expect(placesOf(role)).toEqual(expect.arrayContaining(managed));
    for (const role of ['member', 'viewer'] as const)
      for (const place of managed) expect(placesOf(role)).not.toContain(place);
  });

  it('shows everybody the budgets that bound them', () => {
    for (const role of ROLES) expect(placesOf(role)).toContain('Budgets');
  });
});
