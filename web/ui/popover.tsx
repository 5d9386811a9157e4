import { Popover as BasePopover } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';
import { classes } from './classes.ts';
import { FLOATING } from './floating.ts';

export interface PopoverProps {
  /** The button that opens it. */
  readonly trigger: ReactElement;
  /** What it is, as its head says. */
  readonly title: string;
  readonly children: ReactNode;
  readonly side?: 'top' | 'bottom' | 'right';
  readonly align?: 'start' | 'end';
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

/** Something to read or do beside a button; a click elsewhere or Escape closes it and gives the keyboard back to the button. */
export function Popover({
  trigger,
  title,
  children,
  side = 'bottom',
  align = 'start',
  open,
  onOpen,
}: PopoverProps): ReactNode {
  return (
    <BasePopover.Root open={open} onOpenChange={onOpen}>
      <BasePopover.Trigger render={trigger} />
      <BasePopover.Portal>
        <BasePopover.Positioner
          sideOffset={4}
          side={side}
          align={align}
          collisionPadding={8}
          className="z-50"
        >
          <BasePopover.Popup
            className={classes(
              FLOATING,
              'flex max-h-[min(var(--available-height),480px)] w-[360px] max-w-(--available-width) flex-col',
            )}
          >
            <BasePopover.Title className="px-3 pt-2 pb-1 font-semibold text-13">{title}</BasePopover.Title>
            <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
          </BasePopover.Popup>
        </BasePopover.Positioner>
      </BasePopover.Portal>
    </BasePopover.Root>
  );
}
