import { useQuery } from '@tanstack/react-query';
import type { BudgetScope, BudgetView } from '../../../../src/contracts/budgets.ts';
import type { Choice } from '../../../ui/select.tsx';
import { listKeys } from '../../api/keys.ts';
import { everyPage } from '../../api/pages-of.ts';
import { asProblem, type Problem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { listMembers } from '../../api/tenants.ts';
import { listProviderKeys } from '../../api/vault.ts';
import { stateOf } from '../api-keys/api-keys.tsx';
import { SCOPE_WORDS } from './words.ts';

export type SubjectScope = Exclude<BudgetScope, 'tenant'>;

/** Whom or what budgets bound: their names, and what there is to choose from. */
export interface Subjects {
  /** Undefined while it is not known yet. */
  readonly nameOf: (budget: Pick<BudgetView, 'scope' | 'subject'>) => string | undefined;
  /** Undefined while they are loaded, or where they cannot be. */
  readonly choicesOf: (scope: SubjectScope) => readonly Choice<string>[] | undefined;
  readonly problemOf: (scope: SubjectScope) => Problem | null;
  readonly retry: (scope: SubjectScope) => void;
}

/** Asks for the names of these scopes alone. */
export function useSubjects(wanted: readonly BudgetScope[]): Subjects {
  const tenant = useTenant();
  const may = useMay();
  const members = useQuery({
    queryKey: [tenant.id, 'members', 'all'],
    queryFn: ({ signal }) => everyPage(listMembers, signal),
    enabled: wanted.includes('member') && may('members:read'),
  });
  const keys = useQuery({
    queryKey: [tenant.id, 'api-keys', 'all'],
    queryFn: ({ signal }) => everyPage(listKeys, signal),
    enabled: wanted.includes('key') && may('api_keys:read'),
  });
  const providerKeys = useQuery({
    queryKey: [tenant.id, 'provider-keys'],
    queryFn: ({ signal }) => listProviderKeys(signal),
    enabled: wanted.includes('provider_key') && may('provider_keys:read'),
  });
  const names: Readonly<Record<SubjectScope, ReadonlyMap<string, string> | undefined>> = {
    member: members.data && new Map(members.data.map(({ user_id: id, name }) => [id, name])),
    key: keys.data && new Map(keys.data.map(({ id, name }) => [id, name])),
    provider_key: providerKeys.data && new Map(providerKeys.data.data.map(({ id, name }) => [id, name])),
  };
  const queries = { member: members, key: keys, provider_key: providerKeys };
  const errors = { member: members.error, key: keys.error, provider_key: providerKeys.error };
  return {
    nameOf: ({ scope, subject }) => {
      if (scope === 'tenant') return SCOPE_WORDS.tenant.name;
      const known = names[scope];
      // Without the list the id is the only name there is.
      if (known === undefined) return errors[scope] === null ? undefined : (subject ?? '');
      return known.get(subject ?? '') ?? SCOPE_WORDS[scope].gone;
    },
    choicesOf: (scope) => {
      if (scope === 'member')
        return members.data?.map(({ user_id: value, name, email }) => ({ value, label: name, note: email }));
      if (scope === 'key')
        return keys.data
          ?.filter((key) => !stateOf(key, Date.now()).ended)
          .map(({ id: value, name, prefix, last4 }) => ({ value, label: name, note: `${prefix}…${last4}` }));
      return providerKeys.data?.data.map(({ id: value, name, provider, preview }) => ({
        value,
        label: name,
        note: `${provider}, ${preview}`,
      }));
    },
    problemOf: (scope) => (errors[scope] === null ? null : asProblem(errors[scope])),
    retry: (scope) => void queries[scope].refetch(),
  };
}
