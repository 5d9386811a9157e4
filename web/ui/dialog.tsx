import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button, IconButton } from './button.tsx';
import { classes } from './classes.ts';

const BACKDROP =
  'fixed inset-0 z-40 bg-scrim transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0';

/** In the middle on a wide screen; from the lower edge on a phone, where the thumb is. */
const POPUP = classes(
  'fixed z-50 flex max-h-[90dvh] flex-col overflow-hidden border border-line-2 bg-float text-text shadow-float outline-none transition duration-200',
  'max-sm:inset-x-0 max-sm:bottom-0 max-sm:rounded-t-lg max-sm:data-ending-style:translate-y-full max-sm:data-starting-style:translate-y-full',
  'sm:top-[12vh] sm:left-1/2 sm:max-h-[76dvh] sm:w-[calc(100vw-48px)] sm:-translate-x-1/2 sm:rounded-lg sm:data-ending-style:opacity-0 sm:data-starting-style:opacity-0',
);

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode | undefined;
  readonly children: ReactNode;
  /** Buttons; the main one last. */
  readonly footer?: ReactNode | undefined;
  readonly width?: 'narrow' | 'normal' | 'wide';
  /** False while leaving would lose something that is shown once. */
  readonly dismissible?: boolean;
}

const WIDTHS = { narrow: 'sm:max-w-[400px]', normal: 'sm:max-w-[520px]', wide: 'sm:max-w-[720px]' } as const;

export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  footer,
  width = 'normal',
  dismissible = true,
}: DialogProps): ReactNode {
  return (
    <BaseDialog.Root
      open={open}
      disablePointerDismissal={!dismissible}
      onOpenChange={(next, { reason }) => {
        if (!next && (dismissible || reason === 'close-press')) onClose();
      }}
    >
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={BACKDROP} />
        <BaseDialog.Popup className={classes(POPUP, WIDTHS[width])}>
          <header className="flex items-start justify-between gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0">
              <BaseDialog.Title className="text-16 font-semibold">{title}</BaseDialog.Title>
              {description !== undefined && (
                <BaseDialog.Description className="mt-0.5 text-13 text-text-2">
                  {description}
                </BaseDialog.Description>
              )}
            </div>
            {dismissible && <BaseDialog.Close render={<IconButton icon={X} label="Close" size="dense" />} />}
          </header>
          <div className="min-h-0 overflow-y-auto px-5 pt-1 pb-5">{children}</div>
          {footer !== undefined && <DialogFooter>{footer}</DialogFooter>}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** The row of buttons at a dialog's end. Inside a form, put it last in the form. */
export function DialogFooter({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <footer className="flex flex-wrap justify-end gap-2 border-line border-t px-5 py-3 max-sm:pb-[max(12px,env(safe-area-inset-bottom))]">
      {children}
    </footer>
  );
}

export interface ConfirmProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
  readonly title: string;
  readonly children: ReactNode;
  /** What the button does, in its words. */
  readonly action: string;
  readonly busy?: boolean;
  readonly problem?: ReactNode;
  /** Typed again before the button works, where nothing brings it back. */
  readonly typed?: { readonly label: string; readonly text: string } | undefined;
}

/** Asks before something that cannot be undone. */
export function Confirm({
  open,
  onClose,
  title,
  children,
  action,
  onConfirm,
  busy,
  problem,
  typed,
}: ConfirmProps): ReactNode {
  const [text, setText] = useState('');
  const ready = typed === undefined || text === typed.text;
  return (
    <AlertDialog.Root
      open={open}
      onOpenChange={(next) => {
        if (next) return;
        setText('');
        onClose();
      }}
    >
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACKDROP} />
        <AlertDialog.Popup className={classes(POPUP, 'sm:max-w-[440px]')}>
          <form
            className="contents"
            onSubmit={(event) => {
              event.preventDefault();
              if (ready && busy !== true) onConfirm();
            }}
          >
            <div className="flex min-h-0 flex-col gap-3 overflow-y-auto px-5 pt-4 pb-5">
              <AlertDialog.Title className="text-16 font-semibold">{title}</AlertDialog.Title>
              <AlertDialog.Description render={<div />} className="flex flex-col gap-2 text-text-2">
                {children}
              </AlertDialog.Description>
              {typed !== undefined && (
                <label className="flex flex-col gap-1 text-13 font-medium">
                  <span>
                    {typed.label} <code className="font-mono">{typed.text}</code>
                  </span>
                  <input
                    className="h-8 rounded-md border border-line-3 bg-surface px-2.5 text-14 font-normal pointer-coarse:h-11 pointer-coarse:text-16"
                    value={text}
                    autoComplete="off"
                    spellCheck={false}
                    onChange={(event) => setText(event.currentTarget.value)}
                  />
                </label>
              )}
              {problem}
            </div>
            <DialogFooter>
              <AlertDialog.Close render={<Button>Cancel</Button>} />
              <Button type="submit" variant="danger" disabled={!ready} busy={busy}>
                {action}
              </Button>
            </DialogFooter>
          </form>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
