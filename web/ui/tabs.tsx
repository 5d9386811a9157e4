import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly content: ReactNode;
}

/** Views of one thing, one at a time. Arrow keys move between them. */
export function Tabs({
  tabs,
  label,
  selected,
  onSelect,
}: {
  readonly tabs: readonly Tab[];
  readonly label: string;
  readonly selected?: string;
  readonly onSelect?: (id: string) => void;
}): ReactNode {
  return (
    <BaseTabs.Root
      {...(selected === undefined ? { defaultValue: tabs[0]?.id } : { value: selected })}
      onValueChange={(id) => onSelect?.(id as string)}
    >
      <BaseTabs.List
        aria-label={label}
        activateOnFocus
        className="relative flex gap-4 overflow-x-auto border-line border-b [scrollbar-width:none]"
      >
        {tabs.map((tab) => (
          <BaseTabs.Tab
            key={tab.id}
            value={tab.id}
            className="-mb-px h-9 shrink-0 whitespace-nowrap border-transparent border-b-2 text-13 text-text-2 transition-colors hover:text-text focus-visible:-outline-offset-2 data-active:border-accent data-active:font-medium data-active:text-text pointer-coarse:h-11"
          >
            {tab.title}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
      {tabs.map((tab) => (
        <BaseTabs.Panel key={tab.id} value={tab.id} className="pt-4 outline-offset-4">
          {tab.content}
        </BaseTabs.Panel>
      ))}
    </BaseTabs.Root>
  );
}
