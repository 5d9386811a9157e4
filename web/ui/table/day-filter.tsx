import type { ReactNode } from 'react';

/** A day that a list begins or ends with. */
export function DayFilter({
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
