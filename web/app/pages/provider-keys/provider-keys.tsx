import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Plus, Vault } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { ProviderKeyView } from '../../../../src/contracts/vault.ts';
import { Status, type Tone } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { usd } from '../../../ui/format/money.ts';
import { PageBody } from '../../../ui/page-header.tsx';
import { type Column, readSort, writeSort } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { listProviderKeys, listProviders } from '../../api/vault.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { AddProviderKey } from './add-provider-key.tsx';
import { ProviderKeyDialog } from './provider-key-dialog.tsx';

const route = getRouteApi('/in/provider-keys');

const STATUS: Readonly<Record<ProviderKeyView['status'], { readonly word: string; readonly tone: Tone }>> = {
  valid: { word: 'Accepted', tone: 'success' },
  refused: { word: 'Refused', tone: 'danger' },
  unchecked: { word: 'Not checked', tone: 'neutral' },
  expired: { word: 'Ended', tone: 'neutral' },
  over_budget: { word: 'Budget spent', tone: 'warning' },
};

export function ProviderKeyStatus({ status }: { readonly status: ProviderKeyView['status'] }): ReactNode {
  return <Status tone={STATUS[status].tone}>{STATUS[status].word}</Status>;
}

/** The tenant's own keys for providers. */
export function ProviderKeysPage(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const keys = useQuery({
    queryKey: [tenant.id, 'provider-keys'],
    queryFn: ({ signal }) => listProviderKeys(signal),
  });
  const providers = useQuery({
    queryKey: [tenant.id, 'providers'],
    queryFn: ({ signal }) => listProviders(signal),
    staleTime: 300_000,
  });
  const [adding, setAdding] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const nameOf = (id: string) => providers.data?.data.find((provider) => provider.id === id)?.name ?? id;
  const open = keys.data?.data.find(({ id }) => id === openId);
  const add = may('provider_keys:write') ? (
    <Button variant="primary" icon={Plus} onClick={() => setAdding(true)}>
      Add a key
    </Button>
  ) : undefined;
  const columns: readonly Column<ProviderKeyView>[] = [
    { id: 'name', header: 'Name', cell: ({ name }) => name, sort: ({ name }) => name },
    {
      id: 'provider',
      header: 'Provider',
      cell: ({ provider }) => nameOf(provider),
      sort: ({ provider }) => nameOf(provider),
      from: 'sm',
    },
    {
      id: 'preview',
      header: 'Key',
      cell: ({ preview }) => <code className="font-mono text-12 text-text-2">{preview}</code>,
      from: 'lg',
    },
    {
      id: 'status',
      header: 'Status',
      cell: ({ status }) => <ProviderKeyStatus status={status} />,
      sort: ({ status }) => STATUS[status].word,
    },
    {
      id: 'order',
      header: 'Order',
      cell: ({ priority }) => priority,
      sort: ({ priority }) => priority,
      align: 'right',
      from: 'md',
    },
    {
      id: 'spent',
      header: 'This month',
      cell: ({ spent_this_month_usd: spent, monthly_budget_usd: budget }) => (
        <>
          {usd(spent)}
          {budget !== null && <span className="text-text-3"> of {usd(budget)}</span>}
        </>
      ),
      sort: ({ spent_this_month_usd: spent }) => spent,
      align: 'right',
      from: 'sm',
    },
    {
      id: 'checked',
      header: 'Checked',
      cell: ({ checked_at: at }) =>
        at === null ? <span className="text-text-3">never</span> : <Time at={at} />,
      sort: ({ checked_at: at }) => (at === null ? null : Date.parse(at)),
      from: 'lg',
    },
  ];
  return (
    <PageBody>
      <Header
        title="Provider keys"
        description="Your own keys for model providers: calls are made on your contract and cost no credit here. Nobody sees a key again once it is kept."
        action={add}
      />
      <Table
        label="Provider keys"
        columns={columns}
        rows={keys.data?.data}
        keyOf={({ id }) => id}
        onOpen={({ id }) => setOpenId(id)}
        sort={readSort(search.sort)}
        onSort={(sort) => void navigate({ search: { ...search, sort: writeSort(sort) }, replace: true })}
        skeletons={4}
        failure={
          keys.error === null || keys.data !== undefined ? undefined : (
            <ProblemNotice
              title="The keys could not be loaded"
              problem={asProblem(keys.error)}
              onRetry={() => void keys.refetch()}
            />
          )
        }
        empty={
          <EmptyState
            icon={Vault}
            title="No provider keys yet"
            {...(add === undefined ? {} : { action: add })}
          >
            Bring a key of OpenAI, Anthropic, Google and others. It is sealed under a key of this tenant
            alone, comes before the platform’s own in every call, and its provider’s models become yours to
            use. Several keys of one provider are used in order.
          </EmptyState>
        }
      />
      <AddProviderKey open={adding} onClose={() => setAdding(false)} providers={providers.data?.data ?? []} />
      {open !== undefined && (
        <ProviderKeyDialog
          providerKey={open}
          providerName={nameOf(open.provider)}
          onClose={() => setOpenId(null)}
        />
      )}
    </PageBody>
  );
}
