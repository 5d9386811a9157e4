import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

type NoticeTone = 'info' | 'success' | 'warning' | 'danger';

const TONES = {
  info: { icon: Info, look: 'bg-info-soft', sign: 'text-info' },
  success: { icon: CircleCheck, look: 'bg-success-soft', sign: 'text-success' },
  warning: { icon: TriangleAlert, look: 'bg-warning-soft', sign: 'text-warning' },
  danger: { icon: CircleAlert, look: 'bg-danger-soft', sign: 'text-danger' },
} as const;

/** Something to know on this page. What went wrong is read out at once. */
export function Notice({
  tone = 'info',
  title,
  children,
  action,
}: {
  readonly tone?: NoticeTone;
  readonly title?: ReactNode;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}): ReactNode {
  const { icon: Icon, look, sign } = TONES[tone];
  return (
    <div
      role={tone === 'danger' ? 'alert' : 'status'}
      className={classes('flex gap-2.5 rounded-md px-3 py-2.5 text-13', look)}
    >
      <Icon size={16} aria-hidden className={classes('mt-0.5 shrink-0', sign)} />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        {title !== undefined && <p className="font-medium text-text">{title}</p>}
        {children !== undefined && <div className="text-text-2 [overflow-wrap:anywhere]">{children}</div>}
        {action !== undefined && <div className="pt-1">{action}</div>}
      </div>
    </div>
  );
}
