import { getRouteApi } from '@tanstack/react-router';
import { KeyRound, Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ApiKeyView } from '../../../../src/contracts/identity.ts';
import { Badge, Status, type Tone } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { usd } from '../../../ui/format/money.ts';
import { PageBody } from '../../../ui/page-header.tsx';
import { Select } from '../../../ui/select.tsx';
import { type Column, readSort, writeSort } from '../../../ui/table/column.ts';
import { FilterBar, SearchBox } from '../../../ui/table/filter-bar.tsx';
import { Table } from '../../../ui/table/table.tsx';
import { Time, useNow } from '../../../ui/time.tsx';
import { listKeys } from '../../api/keys.ts';
import { usePages } from '../../api/pages-of.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { CreateKeyDialog } from './create-key.tsx';
import { KeyDialog } from './key-dialog.tsx';

const route = getRouteApi('/in/api-keys');

const COLUMNS: readonly Column<ApiKeyView>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, sort: ({ name }) => name },
  {
    id: 'key',
    header: 'Key',
    cell: ({ prefix, last4 }) => (
      <code className="font-mono text-12 text-text-2">{`${prefix}…${last4}`}</code>
    ),
    from: 'sm',
  },
  {
    id: 'status',
    header: 'Status',
    cell: (key) => <KeyStatus apiKey={key} />,
    sort: (key) => stateOf(key, Date.now()).word,
  },
  {
    id: 'limit',
    header: 'Monthly limit',
    cell: ({ monthly_limit_usd: limit }) =>
      limit === null ? <span className="text-text-3">none</span> : usd(limit),
    sort: ({ monthly_limit_usd: limit }) => limit,
    align: 'right',
    from: 'lg',
  },
  {
    id: 'used',
    header: 'Last used',
    cell: ({ last_used_at: at }) =>
      at === null ? <span className="text-text-3">never</span> : <Time at={at} />,
    sort: ({ last_used_at: at }) => (at === null ? null : Date.parse(at)),
    from: 'md',
  },
  {
    id: 'created',
    header: 'Made',
    cell: ({ created_at: at }) => <Time at={at} as="date" />,
    sort: ({ created_at: at }) => Date.parse(at),
    from: 'md',
  },
];

/** The keys that programs show. */
export function ApiKeysPage(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const keys = usePages([tenant.id, 'api-keys'], listKeys);
  const now = useNow();
  const all = search.show === 'all';
  const wanted = (search.q ?? '').toLowerCase();
  const shown = keys.rows?.filter(
    (key) =>
      (all || !stateOf(key, now).ended) &&
      (wanted === '' || `${key.name} ${key.last4} ${key.kind}`.toLowerCase().includes(wanted)),
  );
  const open = keys.rows?.find(({ id }) => id === search.key);
  const filtered = wanted !== '' || (keys.rows?.length ?? 0) > 0;
  const go = (change: Partial<typeof search>) =>
    void navigate({ search: { ...search, ...change }, replace: true });
  const create = may('api_keys:write') ? (
    <Button variant="primary" icon={Plus} onClick={() => go({ create: true })}>
      Make a key
    </Button>
  ) : undefined;
  return (
    <PageBody>
      <Header
        title="API keys"
        description="How programs show whom they act for. A key can do what its scopes say and your role allows, never more."
        action={create}
      />
      <FilterBar>
        <SearchBox
          label="Find a key"
          value={search.q ?? ''}
          onChange={(q) => go({ q: q === '' ? undefined : q })}
        />
        <Select
          label="Which keys"
          className="w-36!"
          choices={[
            { value: 'live', label: 'Live keys' },
            { value: 'all', label: 'All keys' },
          ]}
          value={all ? 'all' : 'live'}
          onChange={(show) => go({ show: show === 'all' ? 'all' : undefined })}
        />
      </FilterBar>
      <Table
        label="API keys"
        columns={COLUMNS}
        rows={shown}
        keyOf={({ id }) => id}
        onOpen={({ id }) => go({ key: id })}
        selected={search.key}
        sort={readSort(search.sort)}
        onSort={(sort) => go({ sort: writeSort(sort) })}
        more={keys.more}
        failure={
          keys.problem === null ? undefined : (
            <ProblemNotice title="The keys could not be loaded" problem={keys.problem} onRetry={keys.retry} />
          )
        }
        empty={
          filtered ? (
            <EmptyState
              icon={KeyRound}
              title="No key is like that"
              action={<Button onClick={() => go({ q: undefined, show: 'all' })}>Show all keys</Button>}
            >
              Keys that have ended are only shown among all keys.
            </EmptyState>
          ) : (
            <EmptyState icon={KeyRound} title="No keys yet" action={create}>
              A key lets a program use the models, the perspectives and the MCP address in your name. Its text
              is shown once, when it is made; give each program its own, so that you can end one without the
              others.
            </EmptyState>
          )
        }
      />
      <CreateKeyDialog
        open={search.create === true && may('api_keys:write')}
        onClose={() => go({ create: undefined })}
      />
      {open !== undefined && <KeyDialog apiKey={open} onClose={() => go({ key: undefined })} />}
    </PageBody>
  );
}

interface KeyState {
  readonly word: string;
  readonly tone: Tone;
  readonly ended: boolean;
}

export function stateOf(key: ApiKeyView, now: number): KeyState {
  if (key.revoked_at !== null && Date.parse(key.revoked_at) <= now)
    return { word: 'Revoked', tone: 'neutral', ended: true };
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now)
    return { word: 'Expired', tone: 'neutral', ended: true };
  if (key.replaced_by !== null) return { word: 'Being replaced', tone: 'warning', ended: false };
  return { word: 'Live', tone: 'success', ended: false };
}

export function KeyStatus({ apiKey }: { readonly apiKey: ApiKeyView }): ReactNode {
  const { word, tone } = stateOf(apiKey, useNow());
  return (
    <span className="inline-flex items-center gap-2">
      <Status tone={tone}>{word}</Status>
      {apiKey.kind === 'publishable' && <Badge tone="info">publishable</Badge>}
    </span>
  );
}
