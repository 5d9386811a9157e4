import type { ReactNode } from 'react';
import {
  GRANULARITIES,
  type Granularity,
  USAGE_GROUPS,
  type UsageGroup,
} from '../../../../src/contracts/usage.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { Select } from '../../../ui/select.tsx';
import { DayFilter } from '../../../ui/table/day-filter.tsx';
import { FilterBar } from '../../../ui/table/filter-bar.tsx';
import { FilterChip } from '../../../ui/table/filter-chip.tsx';
import { useMay } from '../../api/session.ts';
import { type Period, periodOf, type UsageSearch } from './usage-search.ts';
import { GROUP_WORDS, type NameOf } from './words.ts';

export type Change = (change: Partial<UsageSearch>) => void;

const PERIOD_CHOICES = [
  { value: '24h', label: '24 hours' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
  { value: 'custom', label: 'Days' },
] as const;

/** Filters by group, as they are named in the URL. */
const FILTERS = [
  ['model', 'model'],
  ['provider', 'provider'],
  ['feature', 'feature'],
  ['key', 'key'],
  ['user', 'user'],
  ['provider_key', 'provider_key'],
  ['strategy', 'key_strategy'],
] as const satisfies readonly (readonly [keyof UsageSearch, UsageGroup])[];

/** The filter that shows one group alone. Pure. */
export function filterFor(group: UsageGroup, value: string): Partial<UsageSearch> {
  const name = FILTERS.find(([, of]) => of === group)?.[0] ?? 'model';
  return { [name]: value };
}

/** The time that is looked at, and what is filtered by. */
export function UsageFilters({
  search,
  onChange,
  nameOf,
  children,
}: {
  readonly search: UsageSearch;
  readonly onChange: Change;
  readonly nameOf: NameOf;
  readonly children?: ReactNode;
}): ReactNode {
  const period = periodOf(search);
  const choose = (next: Period | 'custom') => {
    if (next !== 'custom') onChange({ period: next, from: undefined, to: undefined, unit: undefined });
    else if (period !== 'custom')
      onChange({
        period: undefined,
        from: daysAgo(period === '24h' ? 1 : 30),
        to: daysAgo(0),
        unit: undefined,
      });
  };
  return (
    <FilterBar>
      <Segmented label="Time" choices={PERIOD_CHOICES} value={period} onChange={choose} />
      {period === 'custom' && (
        <>
          <DayFilter
            label="From"
            value={search.from}
            onChange={(from) => onChange({ from, unit: undefined })}
          />
          <DayFilter label="To" value={search.to} onChange={(to) => onChange({ to, unit: undefined })} />
        </>
      )}
      {children}
      {FILTERS.map(([name, group]) => {
        const value = search[name];
        return value === undefined ? null : (
          <FilterChip
            key={name}
            name={GROUP_WORDS[group]}
            value={nameOf(group, value)}
            onRemove={() => onChange({ [name]: undefined })}
          />
        );
      })}
    </FilterBar>
  );
}

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

/** What is told apart. Members are told apart for those who may see what others used. */
export function GroupSelect({
  value,
  onChange,
}: {
  readonly value: UsageGroup;
  readonly onChange: (by: UsageGroup) => void;
}): ReactNode {
  const may = useMay();
  const groups = USAGE_GROUPS.filter((group) => group !== 'user' || may('usage:read_all'));
  return (
    <Select
      label="Told apart by"
      className="w-44!"
      choices={groups.map((group) => ({ value: group, label: `By ${inSentence(GROUP_WORDS[group])}` }))}
      value={value}
      onChange={onChange}
    />
  );
}

const inSentence = (words: string) => (words === 'API key' ? words : words.toLowerCase());

const UNIT_WORDS: Readonly<Record<Granularity, string>> = {
  hour: 'By hour',
  day: 'By day',
  month: 'By month',
};

export function UnitSelect({
  value,
  length,
  onChange,
}: {
  readonly value: Granularity;
  /** Of the whole time, in milliseconds: hours of a year would be too many. */
  readonly length: number;
  readonly onChange: (unit: Granularity) => void;
}): ReactNode {
  const days = length / 86_400_000;
  const units = GRANULARITIES.filter(
    (unit) => unit === value || (unit === 'hour' ? days <= 31 : unit === 'day' ? days > 1 : days > 31),
  );
  return (
    <Select
      label="Length of a bar"
      className="w-32!"
      choices={units.map((unit) => ({ value: unit, label: UNIT_WORDS[unit] }))}
      value={value}
      onChange={onChange}
    />
  );
}
