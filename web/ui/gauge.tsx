import type { ReactNode } from 'react';
import { count } from './format/money.ts';

/** From which share of the whole on it is said that little is left. */
const LITTLE_LEFT = 0.8;

/** How much of something is used: a line of words and figures over a bar. */
export function Gauge({
  label,
  used,
  limit,
  format = count,
  wordless = false,
}: {
  readonly label: string;
  readonly used: number;
  readonly limit: number;
  readonly format?: (amount: number) => string;
  /** Whether the label stands elsewhere already: it is then only for those who listen. */
  readonly wordless?: boolean;
}): ReactNode {
  const share = limit === 0 ? 1 : Math.min(1, used / limit);
  const colour = share >= 1 ? 'bg-danger' : share >= LITTLE_LEFT ? 'bg-warning' : 'bg-accent';
  const left = Math.max(0, limit - used);
  return (
    <div>
      <p className="flex justify-between gap-4 text-13">
        {!wordless && <span>{label}</span>}
        <span className="whitespace-nowrap tabular-nums">
          {format(used)} <span className="text-text-3">of {format(limit)}</span>
        </span>
        {wordless && <span className="text-text-3 tabular-nums">{Math.floor((100 * used) / limit)} %</span>}
      </p>
      {/* The browser's own cannot be drawn alike everywhere: it is there for those who listen. */}
      <meter className="sr-only" aria-label={label} min={0} max={limit} value={Math.min(used, limit)}>
        {format(used)} of {format(limit)} used, {format(left)} left
      </meter>
      <div aria-hidden="true" className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-surface-3">
        <div className={`h-full rounded-full ${colour}`} style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
