import { Menu as BaseMenu } from '@base-ui/react/menu';
import { Check, type LucideIcon } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';
import { classes } from './classes.ts';
import { FLOATING } from './floating.ts';

export interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement;
  readonly children: ReactNode;
  readonly side?: 'top' | 'bottom' | 'right';
  readonly align?: 'start' | 'end';
  readonly wide?: boolean;
}

export function Menu({
  trigger,
  children,
  side = 'bottom',
  align = 'start',
  wide = false,
}: MenuProps): ReactNode {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={4} side={side} align={align} collisionPadding={8} className="z-50">
          <BaseMenu.Popup
            className={classes(
              FLOATING,
              'max-h-(--available-height) overflow-y-auto',
              wide ? 'min-w-60' : 'min-w-44',
            )}
          >
            {children}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

const ITEM =
  'flex min-h-8 w-full cursor-default select-none items-center gap-2 rounded-sm px-2 text-13 text-text no-underline outline-none data-disabled:opacity-50 data-highlighted:bg-surface-3 pointer-coarse:min-h-11';

export interface MenuItemProps {
  readonly children: ReactNode;
  readonly icon?: LucideIcon | undefined;
  readonly onSelect?: (() => void) | undefined;
  /** A link to go to, as an element without children. */
  readonly link?: ReactElement | undefined;
  readonly danger?: boolean;
  readonly checked?: boolean | undefined;
  readonly disabled?: boolean;
  readonly note?: ReactNode;
}

export function MenuItem({
  children,
  icon: Icon,
  onSelect,
  link,
  danger = false,
  checked,
  disabled,
  note,
}: MenuItemProps): ReactNode {
  return (
    <BaseMenu.Item
      className={classes(ITEM, danger && 'text-danger!')}
      disabled={disabled ?? false}
      {...(link === undefined ? {} : { render: link })}
      onClick={onSelect}
    >
      {Icon !== undefined && <Icon size={16} aria-hidden className={danger ? '' : 'text-text-3'} />}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {note !== undefined && <span className="text-12 text-text-3">{note}</span>}
      {checked === true && <Check size={14} aria-label="chosen" className="text-accent" />}
    </BaseMenu.Item>
  );
}

export function MenuLine(): ReactNode {
  return <BaseMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}

export function MenuGroup({
  label,
  children,
}: {
  readonly label: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <BaseMenu.Group>
      <BaseMenu.GroupLabel className="px-2 pt-1.5 pb-1 text-12 text-text-3">{label}</BaseMenu.GroupLabel>
      {children}
    </BaseMenu.Group>
  );
}
