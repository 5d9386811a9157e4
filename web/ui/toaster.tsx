import { CircleAlert, CircleCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { Toaster as Sonner, toast } from 'sonner';
import { useShownTheme } from './theme.ts';

/** Where short words about what was done appear. One per page. */
export function Toaster(): ReactNode {
  return (
    <Sonner
      theme={useShownTheme()}
      position="bottom-right"
      gap={8}
      offset={24}
      mobileOffset={{ bottom: 72, left: 12, right: 12 }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            'flex w-[calc(100%-24px)] font-sans sm:w-[360px] items-start gap-2.5 rounded-lg border border-line-2 bg-float px-3 py-2.5 text-13 text-text shadow-float',
          title: 'font-medium',
          description: 'text-text-2',
          actionButton: 'ml-auto shrink-0 rounded-sm px-2 font-medium text-accent hover:bg-surface-3',
        },
      }}
      icons={{
        success: <CircleCheck size={16} className="mt-0.5 text-success" aria-hidden />,
        error: <CircleAlert size={16} className="mt-0.5 text-danger" aria-hidden />,
      }}
    />
  );
}

/** Says that something was done; with `undo` where it can be taken back. */
export function say(message: string, undo?: () => void): void {
  toast.success(
    message,
    undo === undefined ? {} : { action: { label: 'Undo', onClick: undo }, duration: 8_000 },
  );
}

/** Says that something failed, where no form is open that could say it beside the field. */
export function sayFailure(message: string, description?: string): void {
  toast.error(message, { description, duration: 10_000 });
}
