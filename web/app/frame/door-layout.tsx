import { Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Logo } from '../../ui/logo.tsx';
import { ThemeSwitch } from '../../ui/theme-switch.tsx';

/** The pages before one is inside: one column, one thing to do. */
export function DoorLayout(): ReactNode {
  return (
    <div className="flex min-h-dvh flex-col bg-surface">
      <header className="flex h-14 items-center justify-between px-4 sm:px-6">
        <a
          href="/"
          className="flex items-center gap-2 text-16 font-semibold tracking-tight no-underline"
          aria-label="Parallax, first page"
        >
          <Logo />
          Parallax
        </a>
        <ThemeSwitch />
      </header>
      <main className="flex flex-1 flex-col items-center px-4 pt-[min(10vh,96px)] pb-16">
        <div className="w-full max-w-[360px]">
          <Outlet />
        </div>
      </main>
    </div>
  );
}

/** The head of such a page. */
export function DoorTitle({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <div className="pb-6">
      <title>{`${title} – Parallax`}</title>
      <h1 className="text-20 font-semibold tracking-tight text-balance">{title}</h1>
      {children !== undefined && <div className="mt-1 text-text-2">{children}</div>}
    </div>
  );
}

/** A link to the other way in, under the form. */
export function DoorFoot({ children }: { readonly children: ReactNode }): ReactNode {
  return <p className="pt-6 text-13 text-text-2">{children}</p>;
}

export const LINK = 'text-accent underline decoration-accent/40 underline-offset-3 hover:decoration-accent';
