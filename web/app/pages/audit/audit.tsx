import { getRouteApi } from '@tanstack/react-router';
import { Download, ScrollText, ShieldCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { AuditEntryView } from '../../../../src/contracts/audit.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Menu, MenuItem } from '../../../ui/menu.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { exportPath, listEntries } from '../../api/audit.ts';
import { usePages } from '../../api/pages-of.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { AuditFilterBar } from './audit-filters.tsx';
import { AuditSettingsSection } from './audit-settings.tsx';
import { actionWords, useActorName } from './audit-words.ts';
import { EntryDialog } from './entry-dialog.tsx';
import { filtersOf } from './filters-of.ts';
import { VerifyDialog } from './verify-dialog.tsx';

const route = getRouteApi('/in/audit');

/** What was done in the tenant, by whom and from where. */
export function AuditPage(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const actorName = useActorName();
  const filters = filtersOf(search);
  const entries = usePages([tenant.id, 'audit', filters], (cursor, signal) =>
    listEntries(filters, cursor, signal),
  );
  const [verifying, setVerifying] = useState(false);
  const open = entries.rows?.find(({ id }) => id === search.entry);
  const filtered = Object.keys(filters).length > 0;
  const go = (change: Partial<typeof search>) =>
    void navigate({ search: { ...search, ...change }, replace: true });
  if (!may('audit:read')) {
    return (
      <PageBody>
        <Header title="Audit log" description="What was done in this tenant, by whom and from where." />
        <EmptyState icon={ScrollText} title="Owners and admins read it">
          It holds what everybody here did. Ask one of them if you need to know something.
        </EmptyState>
      </PageBody>
    );
  }
  const columns: readonly Column<AuditEntryView>[] = [
    { id: 'action', header: 'What', cell: ({ action }) => actionWords(action) },
    { id: 'actor', header: 'Who', cell: (entry) => actorName(entry), from: 'sm' },
    {
      id: 'target',
      header: 'To what',
      cell: ({ target }) => <code className="font-mono text-12 text-text-2">{short(target.id)}</code>,
      from: 'lg',
    },
    {
      id: 'from',
      header: 'From',
      cell: ({ ip, country }) =>
        ip === null && country === null ? (
          <span className="text-text-3">–</span>
        ) : (
          [ip, country].filter(Boolean).join(' · ')
        ),
      from: 'lg',
    },
    { id: 'risk', header: 'Risk', cell: ({ risk }) => <Risk risk={risk} />, align: 'right', from: 'md' },
    {
      id: 'number',
      header: 'No.',
      cell: ({ number }) => <span className="text-text-3">{number}</span>,
      align: 'right',
      from: 'md',
    },
    { id: 'when', header: 'When', cell: ({ created_at: at }) => <Time at={at} /> },
  ];
  return (
    <PageBody>
      <Header
        title="Audit log"
        description="What was done in this tenant, by whom and from where, in a chain that shows when somebody has tampered with it."
        aside={
          <>
            <Menu align="end" trigger={<Button icon={Download}>Export</Button>}>
              <MenuItem link={<a href={exportPath(filters, 'csv')} download="audit.csv" />}>As CSV</MenuItem>
              <MenuItem link={<a href={exportPath(filters, 'jsonl')} download="audit.jsonl" />}>
                As JSON, a line each
              </MenuItem>
            </Menu>
            <Button icon={ShieldCheck} onClick={() => setVerifying(true)}>
              Verify
            </Button>
          </>
        }
      />
      <AuditFilterBar search={search} onChange={go} />
      <Table
        label="Audit entries"
        columns={columns}
        rows={entries.rows}
        keyOf={({ id }) => id}
        onOpen={({ id }) => go({ entry: id })}
        selected={search.entry}
        more={entries.more}
        skeletons={10}
        failure={
          entries.problem === null ? undefined : (
            <ProblemNotice
              title="The log could not be loaded"
              problem={entries.problem}
              onRetry={entries.retry}
            />
          )
        }
        empty={
          <EmptyState
            icon={ScrollText}
            title={filtered ? 'Nothing is like that' : 'Nothing has been done yet'}
            {...(filtered
              ? {
                  action: (
                    <Button onClick={() => void navigate({ search: {}, replace: true })}>
                      Take the filters away
                    </Button>
                  ),
                }
              : {})}
          >
            {filtered
              ? 'No entry fits all of the filters.'
              : 'Every change of keys, members, provider keys, apps and settings becomes an entry here, with who made it and from where. What is in them is never kept, only digests.'}
          </EmptyState>
        }
      />
      <AuditSettingsSection />
      {open !== undefined && (
        <EntryDialog
          entry={open}
          onClose={() => go({ entry: undefined })}
          onFilter={(change) => go({ ...change, entry: undefined })}
        />
      )}
      {verifying && <VerifyDialog onClose={() => setVerifying(false)} />}
    </PageBody>
  );
}

function Risk({ risk }: { readonly risk: number | null }): ReactNode {
  if (risk === null) return <span className="text-text-3">–</span>;
  return risk >= 50 ? <Badge tone={risk >= 80 ? 'danger' : 'warning'}>{risk}</Badge> : risk;
}

/** The beginning and the end of an id: enough to tell it by. */
function short(id: string): string {
  return id.length > 18 ? `${id.slice(0, 8)}…${id.slice(-4)}` : id;
}
