import type { AuditFilters } from '../../../../src/contracts/audit.ts';
import type { AuditSearch } from '../../search.ts';

/** What the URL asks for, as the API takes it. Days are whole days in UTC, as the log counts them. Pure. */
export function filtersOf(search: AuditSearch): AuditFilters {
  const filters: AuditFilters = {
    action: search.action,
    user_id: search.user,
    actor_id: search.actor,
    target_id: search.target,
    from: search.from === undefined ? undefined : `${search.from}T00:00:00.000Z`,
    to:
      search.to === undefined
        ? undefined
        : new Date(Date.parse(`${search.to}T00:00:00.000Z`) + 86_400_000).toISOString(),
    min_risk: search.risk === undefined ? undefined : Number(search.risk),
  };
  return Object.fromEntries(
    Object.entries(filters).filter(([, value]) => value !== undefined),
  ) as AuditFilters;
}
