import { Link, Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageBody, PageHeader } from '../../../ui/page-header.tsx';

const LINK =
  '-mb-px inline-flex h-9 shrink-0 items-center whitespace-nowrap border-transparent border-b-2 text-13 text-text-2 no-underline hover:text-text aria-[current=page]:border-accent aria-[current=page]:font-medium aria-[current=page]:text-text pointer-coarse:h-11';

/** One's own account, whatever the tenant. */
export function SettingsLayout(): ReactNode {
  return (
    <PageBody narrow>
      <PageHeader title="Your account" description="What belongs to you, whatever tenant you act for." />
      <nav
        aria-label="Account"
        className="mb-6 flex gap-5 overflow-x-auto border-line border-b [scrollbar-width:none]"
      >
        <Link to="/settings/profile" className={LINK}>
          Profile
        </Link>
        <Link to="/settings/security" className={LINK}>
          Security
        </Link>
        <Link to="/settings/sessions" className={LINK}>
          Sessions
        </Link>
        <Link to="/settings/events" className={LINK}>
          Security events
        </Link>
      </nav>
      <Outlet />
    </PageBody>
  );
}
