import type { ReactNode } from 'react';
import { classes } from './classes.ts';

export type Tone = 'neutral' | 'success' | 'warning' | 'danger' | 'info' | 'accent';

const SOFT: Readonly<Record<Tone, string>> = {
  neutral: 'bg-surface-3 text-text-2',
  success: 'bg-success-soft text-success',
  warning: 'bg-warning-soft text-warning',
  danger: 'bg-danger-soft text-danger',
  info: 'bg-info-soft text-info',
  accent: 'bg-lit text-accent-strong',
};

/** A word about a thing: its kind, its scope, its role. */
export function Badge({
  children,
  tone = 'neutral',
  mono = false,
}: {
  readonly children: ReactNode;
  readonly tone?: Tone;
  readonly mono?: boolean;
}): ReactNode {
  return (
    <span
      className={classes(
        'inline-flex h-5 items-center whitespace-nowrap rounded-sm px-1.5 text-12 font-medium',
        mono && 'font-mono font-normal',
        SOFT[tone],
      )}
    >
      {children}
    </span>
  );
}

const DOTS: Readonly<Record<Tone, string>> = {
  neutral: 'bg-text-3',
  success: 'bg-success',
  warning: 'bg-warning',
  danger: 'bg-danger',
  info: 'bg-info',
  accent: 'bg-accent',
};

/** How a thing is: a dot and a word, so that colour is never all there is. */
export function Status({ children, tone }: { readonly children: ReactNode; readonly tone: Tone }): ReactNode {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-13">
      <span className={classes('size-1.5 shrink-0 rounded-full', DOTS[tone])} />
      {children}
    </span>
  );
}
