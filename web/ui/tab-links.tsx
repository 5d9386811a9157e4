import type { ReactNode } from 'react';

export const TAB_LINK =
  '-mb-px inline-flex h-9 shrink-0 items-center whitespace-nowrap border-transparent border-b-2 text-13 text-text-2 no-underline hover:text-text focus-visible:-outline-offset-2 aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-text pointer-coarse:h-11';

/** The pages of one thing, side by side. Each is a link with `TAB_LINK`. */
export function TabLinks({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <nav
      aria-label={label}
      className="mb-6 flex gap-5 overflow-x-auto border-line border-b [scrollbar-width:none]"
    >
      {children}
    </nav>
  );
}
