import type { ReactNode } from 'react';

/** A key of the keyboard. */
export function Kbd({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <kbd className="inline-grid h-5 min-w-5 place-items-center rounded-sm border border-line-2 px-1 font-sans text-12 text-text-3">
      {children}
    </kbd>
  );
}

/** ⌘ on a Mac, Ctrl elsewhere. */
export const COMMAND_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
