import type { ReactNode } from 'react';
import { Skeleton } from './skeleton.tsx';

/** The few figures that say how things stand, in a row. */
export function Figures({
  children,
  many = false,
}: {
  readonly children: ReactNode;
  readonly many?: boolean;
}): ReactNode {
  return (
    <dl
      className={
        many
          ? 'grid grid-cols-2 gap-x-6 gap-y-4 pb-6 sm:grid-cols-3 lg:grid-cols-6'
          : 'grid grid-cols-2 gap-x-6 gap-y-4 pb-6 sm:grid-cols-4'
      }
    >
      {children}
    </dl>
  );
}

/** One of them; without children it is still being loaded. */
export function Figure({
  label,
  note,
  children,
  failed = false,
}: {
  readonly label: string;
  /** Under it: what it is of, or what it is made of. */
  readonly note?: ReactNode;
  readonly children?: ReactNode;
  readonly failed?: boolean;
}): ReactNode {
  return (
    <div className="min-w-0">
      <dt className="text-12 text-text-3">{label}</dt>
      <dd className="mt-0.5 text-20 font-medium tabular-nums">
        {failed ? (
          <span className="text-14 text-text-3">not known now</span>
        ) : (
          (children ?? <Skeleton className="my-1 h-5 w-20" />)
        )}
      </dd>
      {note !== undefined && <dd className="text-12 text-text-3">{note}</dd>}
    </div>
  );
}
