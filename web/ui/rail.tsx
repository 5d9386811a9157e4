import type { LucideIcon } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { cloneElement } from 'react';
import { classes } from './classes.ts';

export interface Place {
  readonly label: string;
  readonly icon: LucideIcon;
  /** The link, as an element without children; it says itself whether it is the present page (`aria-current`). */
  readonly link: ReactElement<{ className?: string; children?: ReactNode; title?: string }>;
}

export interface PlaceGroup {
  readonly label: string | null;
  readonly places: readonly Place[];
}

const LINK =
  'group flex h-8 items-center gap-2.5 rounded-md px-2 text-13 text-text-2 no-underline transition-colors hover:bg-surface-3 hover:text-text aria-[current=page]:bg-surface-3 aria-[current=page]:font-medium aria-[current=page]:text-text';

/** The way around: whose space it is at the top, the places, who is signed in at the bottom. */
export function Rail({
  head,
  groups,
  foot,
  collapsed,
}: {
  readonly head: ReactNode;
  readonly groups: readonly PlaceGroup[];
  readonly foot: ReactNode;
  readonly collapsed: boolean;
}): ReactNode {
  return (
    <div
      className={classes(
        'sticky top-0 hidden h-dvh shrink-0 flex-col border-line border-r bg-bg transition-[width] duration-200 md:flex',
        collapsed ? 'w-14' : 'w-[232px]',
      )}
    >
      <div className="p-2.5">{head}</div>
      <nav aria-label="Pages" className="min-h-0 flex-1 overflow-y-auto px-2.5 py-1">
        {groups.map((group) => (
          <div key={group.label ?? ''} className="pb-3">
            {group.label !== null && (
              <p className={classes('px-2 pt-1 pb-1.5 text-12 text-text-3', collapsed && 'sr-only')}>
                {group.label}
              </p>
            )}
            <ul className="flex flex-col gap-px">
              {group.places.map(({ label, icon: Icon, link }) => (
                <li key={label}>
                  {cloneElement(link, {
                    className: LINK,
                    ...(collapsed ? { title: label } : {}),
                    children: (
                      <>
                        <Icon
                          size={16}
                          aria-hidden
                          className="shrink-0 text-text-3 group-aria-[current=page]:text-accent"
                        />
                        <span className={collapsed ? 'sr-only' : 'truncate'}>{label}</span>
                      </>
                    ),
                  })}
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className="border-line border-t p-2.5">{foot}</div>
    </div>
  );
}

/** On a phone: the few places that matter most, and one for the rest. */
export function BottomBar({
  places,
  more,
}: {
  readonly places: readonly Place[];
  readonly more: ReactNode;
}): ReactNode {
  const item =
    'flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-12 text-text-2 no-underline aria-[current=page]:text-accent';
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 flex h-[calc(56px+env(safe-area-inset-bottom))] border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {places.map(({ label, icon: Icon, link }) => (
        <div key={label} className="flex min-w-0 flex-1">
          {cloneElement(link, {
            className: item,
            children: (
              <>
                <Icon size={20} aria-hidden />
                <span className="max-w-full truncate px-1">{label}</span>
              </>
            ),
          })}
        </div>
      ))}
      <div className="flex min-w-0 flex-1">{more}</div>
    </nav>
  );
}
