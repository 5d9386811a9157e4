import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList, CommandRoot } from 'cmdk';
import { CornerDownLeft, type LucideIcon, Search } from 'lucide-react';
import type { ReactNode } from 'react';
import { Kbd } from './kbd.tsx';

export interface Command {
  readonly id: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Other words that people may type for it. */
  readonly words?: readonly string[];
  readonly run: () => void;
}

export interface CommandSection {
  readonly label: string;
  readonly commands: readonly Command[];
}

/** Every page, action and recent thing, by typing. Loaded when it is first opened. */
export function CommandPalette({
  open,
  onClose,
  sections,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly sections: readonly CommandSection[];
}): ReactNode {
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="fixed inset-0 z-40 bg-scrim" />
        <BaseDialog.Popup className="fixed top-[14vh] left-1/2 z-50 w-[calc(100vw-24px)] max-w-[560px] -translate-x-1/2 overflow-hidden rounded-lg border border-line-2 bg-float shadow-float outline-none">
          <BaseDialog.Title className="sr-only">Go to or do</BaseDialog.Title>
          <CommandRoot loop label="Go to or do">
            <div className="flex h-12 items-center gap-2.5 border-line border-b px-4">
              <Search size={16} aria-hidden className="shrink-0 text-text-3" />
              <CommandInput
                autoFocus
                placeholder="Go to a page, or do something"
                className="h-full min-w-0 flex-1 bg-transparent text-14 outline-none pointer-coarse:text-16"
              />
              <Kbd>Esc</Kbd>
            </div>
            <CommandList className="max-h-[min(50vh,400px)] overflow-y-auto p-1.5">
              <CommandEmpty className="px-3 py-6 text-center text-13 text-text-2">
                Nothing is called that.
              </CommandEmpty>
              {sections.map((section) => (
                <CommandGroup
                  key={section.label}
                  heading={section.label}
                  className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:text-text-3"
                >
                  {section.commands.map(({ id, label, icon: Icon, words, run }) => (
                    <CommandItem
                      key={id}
                      value={label}
                      {...(words === undefined ? {} : { keywords: [...words] })}
                      onSelect={() => {
                        onClose();
                        run();
                      }}
                      className="group flex h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 text-13 data-[selected=true]:bg-surface-3 pointer-coarse:h-11"
                    >
                      <Icon size={16} aria-hidden className="text-text-3" />
                      <span className="flex-1 truncate">{label}</span>
                      <CornerDownLeft
                        size={14}
                        aria-hidden
                        className="hidden text-text-3 group-data-[selected=true]:block"
                      />
                    </CommandItem>
                  ))}
                </CommandGroup>
              ))}
            </CommandList>
          </CommandRoot>
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
