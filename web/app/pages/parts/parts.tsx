import type { ReactNode } from 'react';
import { PageBody } from '../../../ui/page-header.tsx';
import { ThemeSwitch } from '../../../ui/theme-switch.tsx';
import { Header } from '../../frame/header.tsx';
import { Charts } from './charts.tsx';
import { Buttons, Forms, Toggles } from './controls.tsx';
import { Floating, Words } from './floating.tsx';
import { Figures, Lists } from './lists.tsx';

/** Every part with all its states, for those who build pages and for the pictures that are compared. */
export function PartsPage(): ReactNode {
  return (
    <div className="min-h-dvh bg-surface">
      <main>
        <PageBody>
          <Header
            title="Parts"
            description="What pages are made of, in all states. Nothing here does anything."
            aside={<ThemeSwitch />}
          />
          <div className="flex flex-col gap-10">
            <Words />
            <Buttons />
            <Forms />
            <Toggles />
            <Floating />
            <Figures />
            <Charts />
            <Lists />
          </div>
        </PageBody>
      </main>
    </div>
  );
}
