import { getRouteApi, Link, Outlet } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../ui/button.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import { PageBody, PageHeader } from '../../../ui/page-header.tsx';
import { TAB_LINK, TabLinks } from '../../../ui/tab-links.tsx';
import { useMay } from '../../api/session.ts';
import { callsExportPath } from '../../api/usage.ts';
import { callFiltersOf, kept } from './usage-search.ts';

const route = getRouteApi('/in/usage');

/** What calls used and cost. What is filtered by holds on all of its pages. */
export function UsageLayout(): ReactNode {
  const search = route.useSearch();
  const may = useMay();
  const filters = callFiltersOf(search, Date.now());
  const own = kept(search);
  const active = { exact: true, includeSearch: false };
  return (
    <PageBody>
      <PageHeader
        title="Usage"
        description={
          may('usage:read_all')
            ? 'What every call in this tenant used, cost and took. Days are those of UTC.'
            : 'What each of your calls used, cost and took. Days are those of UTC.'
        }
        aside={
          <Menu align="end" trigger={<Button icon={Download}>Export calls</Button>}>
            <MenuItem link={<a href={callsExportPath(filters, 'csv')} download="usage.csv" />}>
              As CSV
            </MenuItem>
            <MenuItem link={<a href={callsExportPath(filters, 'jsonl')} download="usage.jsonl" />}>
              As JSON, a line each
            </MenuItem>
          </Menu>
        }
      />
      <TabLinks label="Usage">
        <Link to="/usage" search={own} activeOptions={active} className={TAB_LINK}>
          Summary
        </Link>
        <Link to="/usage/costs" search={own} activeOptions={active} className={TAB_LINK}>
          Costs
        </Link>
        <Link to="/usage/calls" search={own} activeOptions={active} className={TAB_LINK}>
          Calls
        </Link>
        <Link to="/usage/runs" search={own} activeOptions={{ includeSearch: false }} className={TAB_LINK}>
          Runs
        </Link>
      </TabLinks>
      <Outlet />
    </PageBody>
  );
}
