import type { ReactNode } from 'react';
import { classes } from './classes.ts';

/** The shape of what comes. */
export function Skeleton({ className }: { readonly className?: string }): ReactNode {
  return <span aria-hidden className={classes('skeleton block h-4', className ?? 'w-24')} />;
}

/** Lines of text that come. */
export function SkeletonLines({
  lines = 3,
  label = 'Loading',
}: {
  readonly lines?: number;
  readonly label?: string;
}): ReactNode {
  return (
    <output aria-label={label} className="flex flex-col gap-3">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they have nothing but their place
        <Skeleton key={line} className={['w-64', 'w-80', 'w-48'][line % 3] ?? 'w-64'} />
      ))}
    </output>
  );
}
