import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/select.tsx';
import { FilterBar } from '../../../ui/table/filter-bar.tsx';
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
      <Day label="From" value={search.from} onChange={(from) => onChange({ from })} />
      <Day label="To" value={search.to} onChange={(to) => onChange({ to })} />
      {chips.map((name) => (
        <Button
          key={name}
          size="normal"
          onClick={() => onChange({ [name]: undefined })}
          aria-label={`Take away: ${NAMES[name]} ${search[name]}`}
        >
          {NAMES[name]} <code className="max-w-32 truncate font-mono text-12">{search[name]}</code>
          <X size={14} aria-hidden />
        </Button>
      ))}
    </FilterBar>
  );
}

const NAMES = { user: 'Person', actor: 'Actor', target: 'Thing' } as const;

function Day({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}): ReactNode {
  return (
    <label className="flex h-8 items-center gap-2 rounded-md border border-line-3 bg-surface px-2.5 text-13 text-text-3 focus-within:border-accent hover:border-text-3 pointer-coarse:h-11">
      {label}
      <input
        type="date"
        value={value ?? ''}
        className="bg-transparent text-text outline-none"
        onChange={(event) =>
          onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)
        }
      />
    </label>
  );
}
