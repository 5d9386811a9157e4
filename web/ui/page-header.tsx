import type { ReactNode } from 'react';

/** What a page is, what it is for in a line, and at most one thing to do first. */
export function PageHeader({
  title,
  description,
  action,
  aside,
}: {
  readonly title: ReactNode;
  readonly description: ReactNode;
  /** The one primary action. */
  readonly action?: ReactNode;
  /** Quieter things beside it. */
  readonly aside?: ReactNode;
}): ReactNode {
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 pb-6">
      <div className="min-w-0 flex-1 basis-72">
        <h1 className="text-20 font-semibold tracking-tight text-balance">{title}</h1>
        <p className="mt-0.5 max-w-[72ch] text-text-2">{description}</p>
      </div>
      {(action !== undefined || aside !== undefined) && (
        <div className="flex flex-wrap items-center gap-2">
          {aside}
          {action}
        </div>
      )}
    </header>
  );
}

/** A part of a page of settings: what it is on the left, its controls on the right; one under the other where it is narrow. */
export function Section({
  title,
  description,
  children,
  danger = false,
}: {
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly children: ReactNode;
  readonly danger?: boolean;
}): ReactNode {
  return (
    <section className="grid gap-x-10 gap-y-4 border-line border-t py-6 first-of-type:border-t-0 first-of-type:pt-0 lg:grid-cols-[260px_minmax(0,1fr)]">
      <div>
        <h2 className={danger ? 'text-14 font-semibold text-danger' : 'text-14 font-semibold'}>{title}</h2>
        {description !== undefined && <p className="mt-1 max-w-[60ch] text-13 text-text-2">{description}</p>}
      </div>
      <div className="min-w-0 max-w-[640px]">{children}</div>
    </section>
  );
}

/** The one page's content, in its width. */
export function PageBody({
  children,
  narrow = false,
}: {
  readonly children: ReactNode;
  readonly narrow?: boolean;
}): ReactNode {
  return (
    <div
      className={
        narrow
          ? 'mx-auto w-full max-w-[960px] px-4 py-6 sm:px-8 sm:py-8'
          : 'mx-auto w-full max-w-[1200px] px-4 py-6 sm:px-8 sm:py-8'
      }
    >
      {children}
    </div>
  );
}
