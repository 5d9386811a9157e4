import { Search, X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { IconButton } from '../button.tsx';

/** Filters of a list, in a row above it. What they say stands in the URL, so that a view can be sent to somebody. */
export function FilterBar({ children }: { readonly children: ReactNode }): ReactNode {
  return <search className="flex flex-wrap items-center gap-2 pb-3">{children}</search>;
}

/** A text to look for. It is handed over a moment after the typing stops. */
export function SearchBox({
  value,
  onChange,
  label,
  placeholder,
}: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly placeholder?: string;
}): ReactNode {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what is typed starts the clock
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="relative flex min-w-40 max-w-72 flex-1 items-center">
      <Search size={14} aria-hidden className="pointer-events-none absolute left-2.5 text-text-3" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder ?? label}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        className="h-8 w-full rounded-md border border-line-3 bg-surface pr-8 pl-8 text-13 hover:border-text-3 [&::-webkit-search-cancel-button]:hidden pointer-coarse:h-11 pointer-coarse:text-16"
      />
      {text !== '' && (
        <span className="absolute right-0.5">
          <IconButton
            size="dense"
            icon={X}
            label="Clear"
            onClick={() => {
              setText('');
              onChange('');
            }}
          />
        </span>
      )}
    </div>
  );
}
