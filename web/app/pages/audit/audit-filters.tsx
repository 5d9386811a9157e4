import type { ReactNode } from 'react';
import { Select } from '../../../ui/select.tsx';
import { DayFilter } from '../../../ui/table/day-filter.tsx';
import { FilterBar } from '../../../ui/table/filter-bar.tsx';
import { FilterChip } from '../../../ui/table/filter-chip.tsx';
import type { AuditSearch } from '../../search.ts';
import { ACTION_GROUPS, actionWords } from './audit-words.ts';

const RISKS = [
  { value: '', label: 'Any risk' },
  { value: '20', label: 'Risk 20 and more' },
  { value: '50', label: 'Risk 50 and more' },
  { value: '80', label: 'Risk 80 and more' },
];

/** Filters of the log. They stand in the URL. */
export function AuditFilterBar({
  search,
  onChange,
}: {
  readonly search: AuditSearch;
  readonly onChange: (change: Partial<AuditSearch>) => void;
}): ReactNode {
  const groups: readonly { readonly value: string; readonly label: string }[] = ACTION_GROUPS;
  const action = search.action ?? '';
  const choices = groups.some(({ value }) => value === action)
    ? groups
    : [...groups, { value: action, label: actionWords(action) }];
  const risk = search.risk ?? '';
  const risks = RISKS.some(({ value }) => value === risk)
    ? RISKS
    : [...RISKS, { value: risk, label: `Risk ${risk} and more` }];
  const chips = (['user', 'actor', 'target'] as const).filter((name) => search[name] !== undefined);
  return (
    <FilterBar>
      <Select
        label="What was done"
        className="w-44!"
        choices={choices}
        value={action}
        onChange={(value) => onChange({ action: value === '' ? undefined : value })}
      />
      <Select
        label="Risk"
        className="w-44!"
        choices={risks}
        value={risk}
        onChange={(value) => onChange({ risk: value === '' ? undefined : value })}
      />
      <DayFilter label="From" value={search.from} onChange={(from) => onChange({ from })} />
      <DayFilter label="To" value={search.to} onChange={(to) => onChange({ to })} />
      {chips.map((name) => (
        <FilterChip
          key={name}
          name={NAMES[name]}
          value={search[name] ?? ''}
          onRemove={() => onChange({ [name]: undefined })}
        />
      ))}
    </FilterBar>
  );
}

const NAMES = { user: 'Person', actor: 'Actor', target: 'Thing' } as const;
