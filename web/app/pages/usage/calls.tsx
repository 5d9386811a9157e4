import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { List } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  CALL_STATUSES,
  type CallStatus,
  FEATURES,
  type Feature,
  type UsageEventView,
} from '../../../../src/contracts/usage.ts';
import { Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { compact, milliseconds } from '../../../ui/format/quantity.ts';
import { Money } from '../../../ui/money.tsx';
import { Select } from '../../../ui/select.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { FilterChip } from '../../../ui/table/filter-chip.tsx';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { usePages } from '../../api/pages-of.ts';
import { useTenant } from '../../api/session.ts';
import { listCalls } from '../../api/usage.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { CallDialog } from './call-dialog.tsx';
import { UsageFilters } from './controls.tsx';
import { callFiltersOf, type UsageSearch } from './usage-search.ts';
import { FEATURE_WORDS, STATUS_WORDS, useNameOf } from './words.ts';

const route = getRouteApi('/in/usage');

const ANY = 'any';
const STATUSES = [
  { value: ANY, label: 'Any ending' },
  ...CALL_STATUSES.map((value) => ({ value, label: STATUS_WORDS[value].word })),
];
const FEATURE_CHOICES = [
  { value: ANY, label: 'Any feature' },
  ...FEATURES.map((value) => ({ value, label: FEATURE_WORDS[value] })),
];

const COLUMNS: readonly Column<UsageEventView>[] = [
  { id: 'model', header: 'Model', cell: ({ model }) => model },
  { id: 'feature', header: 'Feature', cell: ({ feature }) => FEATURE_WORDS[feature], from: 'md' },
  {
    id: 'status',
    header: 'Ended',
    cell: ({ status }) => <Status tone={STATUS_WORDS[status].tone}>{STATUS_WORDS[status].word}</Status>,
    from: 'sm',
  },
  {
    id: 'tokens',
    header: 'Tokens in / out',
    cell: ({ input_tokens: sent, output_tokens: got }) => `${compact(sent)} / ${compact(got)}`,
    align: 'right',
    from: 'lg',
  },
  {
    id: 'latency',
    header: 'Took',
    cell: ({ latency_ms: latency }) => milliseconds(latency),
    align: 'right',
    from: 'md',
  },
  {
    id: 'cost',
    header: 'Cost',
    cell: ({ cost_nano_usd: nano, priced }) =>
      priced ? <Money nano={nano} /> : <span className="text-text-3">no price</span>,
    align: 'right',
    from: 'lg',
  },
  {
    id: 'charge',
    header: 'Charged',
    cell: ({ charge_nano_usd: nano }) => <Money nano={nano} />,
    align: 'right',
  },
  { id: 'when', header: 'When', cell: ({ created_at: at }) => <Time at={at} />, align: 'right' },
];

/** Calls one by one, newest first. */
export function CallsPage(): ReactNode {
  const tenant = useTenant();
  const search = route.useSearch();
  const navigate = useNavigate();
  const nameOf = useNameOf();
  const filters = callFiltersOf(search, Date.now());
  const calls = usePages([tenant.id, 'usage', 'calls', filters], (cursor, signal) =>
    listCalls(filters, cursor, signal),
  );
  const go = (change: Partial<UsageSearch>) =>
    void navigate({ to: '/usage/calls', search: { ...search, ...change }, replace: true });
  const open = calls.rows?.find(({ id }) => id === search.call);
  return (
    <>
      <title>Calls – Parallax</title>
      <UsageFilters search={search} onChange={go} nameOf={nameOf}>
        <Select
          label="Feature"
          className="w-44!"
          choices={FEATURE_CHOICES}
          value={search.feature ?? ANY}
          onChange={(value) => go({ feature: value === ANY ? undefined : (value as Feature) })}
        />
        <Select
          label="How it ended"
          className="w-36!"
          choices={STATUSES}
          value={search.status ?? ANY}
          onChange={(value) => go({ status: value === ANY ? undefined : (value as CallStatus) })}
        />
        {search.run !== undefined && (
          <FilterChip name="Run" value={search.run} onRemove={() => go({ run: undefined })} />
        )}
      </UsageFilters>
      <Table
        label="Calls"
        columns={COLUMNS}
        rows={calls.rows}
        keyOf={({ id }) => id}
        onOpen={({ id }) => go({ call: id })}
        selected={search.call}
        more={calls.more}
        skeletons={10}
        failure={
          calls.problem === null ? undefined : (
            <ProblemNotice
              title="The calls could not be loaded"
              problem={calls.problem}
              onRetry={calls.retry}
            />
          )
        }
        empty={
          <EmptyState
            icon={List}
            title="No call is like that"
            action={
              <Button
                onClick={() =>
                  void navigate({ to: '/usage/calls', search: { period: '90d' }, replace: true })
                }
              >
                Show all of the last 90 days
              </Button>
            }
          >
            Calls stand here some seconds after they ended, newest first.
          </EmptyState>
        }
      />
      {open !== undefined && (
        <CallDialog call={open} nameOf={nameOf} onClose={() => go({ call: undefined })} />
      )}
    </>
  );
}
