import { useQuery } from '@tanstack/react-query';
import type { CallStatus, Feature, KeyStrategy, UsageGroup } from '../../../../src/contracts/usage.ts';
import type { Tone } from '../../../ui/badge.tsx';
import { listKeys } from '../../api/keys.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { listMembers } from '../../api/tenants.ts';
import { listProviderKeys } from '../../api/vault.ts';

export const GROUP_WORDS: Readonly<Record<UsageGroup, string>> = {
  model: 'Model',
  provider: 'Provider',
  feature: 'Feature',
  key: 'API key',
  user: 'Member',
  key_strategy: 'Who pays',
  provider_key: 'Provider key',
};

export const FEATURE_WORDS: Readonly<Record<Feature, string>> = {
  chat: 'Chat completions',
  responses: 'Responses',
  messages: 'Messages',
  embeddings: 'Embeddings',
  perspective: 'Perspectives',
  merge: 'Merges',
  debate: 'Debates',
};

export const STRATEGY_WORDS: Readonly<Record<KeyStrategy, string>> = {
  platform: 'Your credit',
  tenant: 'Your own key',
  openrouter: 'Your OpenRouter key',
  bridge: 'Your bridge',
  none: 'Nobody',
};

export const STATUS_WORDS: Readonly<Record<CallStatus, { readonly word: string; readonly tone: Tone }>> = {
  ok: { word: 'Answered', tone: 'success' },
  failed: { word: 'Failed', tone: 'danger' },
  cancelled: { word: 'Client left', tone: 'neutral' },
  cached: { word: 'Kept answer', tone: 'info' },
};

/** What stands for a value of a group where there is none. */
const NONE: Partial<Record<UsageGroup, string>> = {
  key: 'Browser or connected app',
  provider_key: 'No key of yours',
};

export type NameOf = (group: UsageGroup, value: string | null) => string;

/** Names for what is grouped by: people, keys and provider keys by their names, where they can be read. */
export function useNameOf(): NameOf {
  const tenant = useTenant();
  const may = useMay();
  const members = useQuery({
    queryKey: [tenant.id, 'members', 'names'],
    queryFn: ({ signal }) => listMembers(undefined, signal),
    staleTime: 300_000,
  });
  const keys = useQuery({
    queryKey: [tenant.id, 'keys', 'names'],
    queryFn: ({ signal }) => listKeys(undefined, signal),
    staleTime: 300_000,
  });
  const providerKeys = useQuery({
    queryKey: [tenant.id, 'provider-keys'],
    queryFn: ({ signal }) => listProviderKeys(signal),
    enabled: may('provider_keys:read'),
    staleTime: 300_000,
  });
  return (group, value) => {
    if (value === null || value === '') return NONE[group] ?? 'None';
    switch (group) {
      case 'feature':
        return FEATURE_WORDS[value as Feature] ?? value;
      case 'key_strategy':
        return STRATEGY_WORDS[value as KeyStrategy] ?? value;
      case 'user':
        return members.data?.data.find(({ user_id: id }) => id === value)?.name ?? value;
      case 'key':
        return keys.data?.data.find(({ id }) => id === value)?.name ?? value;
      case 'provider_key':
        return providerKeys.data?.data.find(({ id }) => id === value)?.name ?? value;
      default:
        return value;
    }
  };
}
