import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { hueOf, initialsOf } from './hue.ts';

/** Somebody, or a tenant, by initials and hue. The name stands beside it, so it says nothing to screen readers. */
export function Avatar({
  name,
  of = name,
  square = false,
  size = 24,
}: {
  readonly name: string;
  /** What the hue is of, where the name may change: an id. */
  readonly of?: string;
  readonly square?: boolean;
  readonly size?: 20 | 24 | 32;
}): ReactNode {
  return (
    <span
      aria-hidden
      className={classes(
        `hue-${hueOf(of)}`,
        'inline-grid shrink-0 place-items-center border border-hue/40 bg-hue/15 font-semibold text-hue-text',
        square ? 'rounded-sm' : 'rounded-full',
        size === 20 && 'size-5 text-[9px]',
        size === 24 && 'size-6 text-[10px]',
        size === 32 && 'size-8 text-12',
      )}
    >
      {initialsOf(name)}
    </span>
  );
}
