import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** Where there is nothing yet: what would be here, what it is good for, and how to begin. */
export function EmptyState({
  icon: Icon,
  title,
  children,
  action,
}: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}): ReactNode {
  return (
    <div className="flex flex-col items-start gap-3 rounded-md border border-line border-dashed px-6 py-8">
      <Icon size={20} aria-hidden className="text-text-3" />
      <div>
        <h2 className="font-semibold">{title}</h2>
        <div className="mt-1 max-w-[60ch] text-text-2">{children}</div>
      </div>
      {action}
    </div>
  );
}
