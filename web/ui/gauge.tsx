import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import { count } from './format/money.ts';

/** From which share of the whole on it is said that little is left. */
const LITTLE_LEFT = 0.8;

export type Level = 'enough' | 'little' | 'none';

/** How much is left of something: `little` from four fifths on, `none` when it is used up. Of nothing there is nothing left. Pure. */
export function levelOf(used: number, limit: number): Level {
  if (used >= limit) return 'none';
  return used >= limit * LITTLE_LEFT ? 'little' : 'enough';
}

const COLOURS: Readonly<Record<Level, string>> = {
  enough: 'bg-accent',
  little: 'bg-warning',
  none: 'bg-danger',
};

/** A bar that fills up. Its colour says what words beside it must say too. */
export function Bar({
  label,
  used,
  limit,
  words,
}: {
  /** What is used, for people who cannot see it. */
  readonly label: string;
  readonly used: number;
  readonly limit: number;
  /** The figures, for them. */
  readonly words: string;
}): ReactNode {
  const share = limit === 0 ? 1 : Math.min(1, used / limit);
  return (
    <>
      {/* The browser's own cannot be drawn alike everywhere: it is there for those who listen. */}
      <meter className="sr-only" aria-label={label} min={0} max={limit} value={Math.min(used, limit)}>
        {words}
      </meter>
      <div aria-hidden="true" className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-surface-3">
        <div
          className={classes(
            'h-full rounded-full transition-[width] duration-200',
            // A little of it is seen as soon as there is any.
            used > 0 && 'min-w-1',
            COLOURS[levelOf(used, limit)],
          )}
          style={{ width: `${share * 100}%` }}
        />
      </div>
    </>
  );
}

/** How much of something is used: a line of words and figures over a bar. */
export function Gauge({
  label,
  used,
  limit,
  format = count,
}: {
  readonly label: string;
  readonly used: number;
  readonly limit: number;
  readonly format?: (amount: number) => string;
}): ReactNode {
  return (
    <div>
      <p className="flex justify-between gap-4 text-13">
        <span>{label}</span>
        <span className="whitespace-nowrap tabular-nums">
          {format(used)} <span className="text-text-3">of {format(limit)}</span>
        </span>
      </p>
      <Bar
        label={label}
        used={used}
        limit={limit}
        words={`${format(used)} of ${format(limit)} used, ${format(Math.max(0, limit - used))} left`}
      />
    </div>
  );
}
