import { Link, Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageBody, PageHeader } from '../../../ui/page-header.tsx';
import { TAB_LINK, TabLinks } from '../../../ui/tab-links.tsx';

/** One's own account, whatever the tenant. */
export function SettingsLayout(): ReactNode {
  return (
    <PageBody narrow>
      <PageHeader title="Your account" description="What belongs to you, whatever tenant you act for." />
      <TabLinks label="Account">
        <Link to="/settings/profile" className={TAB_LINK}>
          Profile
        </Link>
        <Link to="/settings/security" className={TAB_LINK}>
          Security
        </Link>
        <Link to="/settings/sessions" className={TAB_LINK}>
          Sessions
        </Link>
        <Link to="/settings/events" className={TAB_LINK}>
          Security events
        </Link>
      </TabLinks>
      <Outlet />
    </PageBody>
  );
}
