import type { ReactNode } from 'react';

/** A group of parts of one kind. */
export function Group({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <section className="border-line border-t pt-4">
      <h2 className="pb-4 text-16 font-semibold">{title}</h2>
      <div className="flex flex-col gap-6">{children}</div>
    </section>
  );
}

/** One part, under what it shows. */
export function Sample({ of, children }: { readonly of: string; readonly children: ReactNode }): ReactNode {
  return (
    <div>
      <p className="pb-1.5 text-12 text-text-3">{of}</p>
      <div className="flex flex-wrap items-start gap-3">{children}</div>
    </div>
  );
}
