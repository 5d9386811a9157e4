import { useQuery } from '@tanstack/react-query';
import type { AuditEntryView } from '../../../../src/contracts/audit.ts';
import { useTenant } from '../../api/session.ts';
import { listMembers } from '../../api/tenants.ts';

/** “api_key.created” as “API key created”. Pure. */
export function actionWords(action: string): string {
  const words = action
    .replaceAll(/[._]/g, ' ')
    .replace(/\bapi\b/g, 'API')
    .replace(/\bttl\b/g, 'TTL');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Kinds of things that are done, for the filter: whole groups first. */
export const ACTION_GROUPS = [
  { value: '', label: 'Everything' },
  { value: 'api_key.*', label: 'API keys' },
  { value: 'provider_key.*', label: 'Provider keys' },
  { value: 'vault*', label: 'Vaults' },
  { value: 'webhook_endpoint.*', label: 'Webhooks' },
  { value: 'routing*', label: 'Routing' },
  { value: 'member.*', label: 'Members' },
  { value: 'invitation.*', label: 'Invitations' },
  { value: 'tenant.*', label: 'The tenant' },
  { value: 'app.*', label: 'Connected apps' },
  { value: 'person.*', label: 'Accounts' },
  { value: 'audit.*', label: 'The audit log' },
] as const;

const KINDS = {
  user: 'Somebody',
  key: 'A key',
  client: 'An app',
  operator: 'The operator',
  system: 'Parallax',
} as const;

/** Who did something, by name where the person is a member. */
export function useActorName(): (entry: AuditEntryView) => string {
  const tenant = useTenant();
  const { data } = useQuery({
    queryKey: [tenant.id, 'members', 'names'],
    queryFn: ({ signal }) => listMembers(undefined, signal),
    staleTime: 300_000,
  });
  return ({ actor }) => {
    const person = data?.data.find(({ user_id: id }) => id === (actor.user_id ?? actor.id))?.name;
    if (actor.type === 'key') return person === undefined ? 'A key' : `${person}’s key`;
    if (actor.type === 'client') return person === undefined ? 'An app' : `${person}’s app`;
    return person ?? KINDS[actor.type];
  };
}
