import { Toggle } from '@base-ui/react/toggle';
import { ToggleGroup } from '@base-ui/react/toggle-group';
import type { ReactNode } from 'react';

/** One of a few short words, all of them seen. Arrow keys move, Space chooses. */
export function Segmented<Value extends string>({
  label,
  choices,
  value,
  onChange,
}: {
  readonly label: string;
  readonly choices: readonly { readonly value: Value; readonly label: string }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}): ReactNode {
  return (
    <ToggleGroup
      aria-label={label}
      value={[value]}
      onValueChange={([next]) => {
        if (next !== undefined) onChange(next as Value);
      }}
      className="inline-flex max-w-full overflow-x-auto rounded-md border border-line-3 bg-surface p-px [scrollbar-width:none]"
    >
      {choices.map((choice) => (
        <Toggle
          key={choice.value}
          value={choice.value}
          className="h-7 shrink-0 whitespace-nowrap rounded-sm px-2.5 text-13 text-text-2 transition-colors hover:text-text focus-visible:-outline-offset-2 data-pressed:bg-lit data-pressed:font-medium data-pressed:text-text pointer-coarse:h-10 pointer-coarse:px-3"
        >
          {choice.label}
        </Toggle>
      ))}
    </ToggleGroup>
  );
}
