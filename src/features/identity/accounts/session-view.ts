import type { SessionView } from '../../../contracts/accounts.ts';
import type { Person } from '../../../contracts/principal.ts';
import { iso } from '../../../platform/clock.ts';
import { tenantsOf } from '../membership.ts';
import { personView } from './people.ts';

/** A session as its browser sees it. */
export async function sessionView(d1: D1Database, person: Person): Promise<SessionView> {
  const tenants = await tenantsOf(d1, person.userId);
  return {
    object: 'session',
    id: person.session.id,
    person: personView(person),
    tenant: tenants.find(({ id }) => id === person.session.tenantId) ?? null,
    tenants,
    expires_at: iso(person.session.expiresAt),
  };
}
