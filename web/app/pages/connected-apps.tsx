import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plug } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../ui/badge.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageBody } from '../../ui/page-header.tsx';
import type { Column } from '../../ui/table/column.ts';
import { Table } from '../../ui/table/table.tsx';
import { Time } from '../../ui/time.tsx';
import { say } from '../../ui/toaster.tsx';
import { type ConnectedApp, disconnect, listApps } from '../api/oauth.ts';
import { asProblem } from '../api/problem.ts';
import { useTenant } from '../api/session.ts';
import { useAct } from '../api/use-act.ts';
import { ProblemNotice } from '../frame/failure.tsx';
import { Header } from '../frame/header.tsx';
import { scopeName } from '../scopes.ts';

/** Apps that the person let act for them in this tenant. */
export function ConnectedAppsPage(): ReactNode {
  const tenant = useTenant();
  const apps = useQuery({
    queryKey: [tenant.id, 'connected-apps'],
    queryFn: ({ signal }) => listApps(signal),
  });
  const [leaving, setLeaving] = useState<ConnectedApp | null>(null);
  const act = useAct(({ id }: ConnectedApp) => disconnect(id), {
    changes: [[tenant.id, 'connected-apps']],
    after: (_gone, app) => {
      say(`${app.client.name} is disconnected`);
      setLeaving(null);
    },
  });
  const columns: readonly Column<ConnectedApp>[] = [
    {
      id: 'name',
      header: 'App',
      cell: ({ client }) => <span className="font-medium">{client.name}</span>,
    },
    {
      id: 'host',
      header: 'Goes to',
      cell: ({ redirect_host: host }) => <code className="font-mono text-12">{host}</code>,
      from: 'md',
    },
    {
      id: 'scopes',
      header: 'May',
      cell: ({ scopes }) => (
        <span className="flex gap-1">
          {scopes
            .filter((scope) => scope !== 'offline_access')
            .map((scope) => (
              <Badge key={scope}>{scopeName(scope)}</Badge>
            ))}
        </span>
      ),
      from: 'lg',
    },
    {
      id: 'used',
      header: 'Last used',
      cell: ({ last_used_at: at }) =>
        at === null ? <span className="text-text-3">never</span> : <Time at={at} />,
      from: 'sm',
    },
    {
      id: 'since',
      header: 'Connected',
      cell: ({ created_at: at }) => <Time at={at} as="date" />,
      from: 'lg',
    },
    {
      id: 'act',
      header: '(Disconnect)',
      cell: (app) => (
        <Button
          size="dense"
          variant="quiet"
          aria-label={`Disconnect ${app.client.name}`}
          onClick={() => setLeaving(app)}
        >
          Disconnect
        </Button>
      ),
    },
  ];
  return (
    <PageBody>
      <Header
        title="Connected apps"
        description="Apps that you let act for you in this tenant. Each can do what it was allowed, and never more than your role."
      />
      <Table
        label="Connected apps"
        columns={columns}
        rows={apps.data?.data}
        keyOf={({ id }) => id}
        failure={
          apps.error === null || apps.data !== undefined ? undefined : (
            <ProblemNotice
              title="The apps could not be loaded"
              problem={asProblem(apps.error)}
              onRetry={() => void apps.refetch()}
            />
          )
        }
        empty={
          <EmptyState
            icon={Plug}
            title="No app is connected"
            action={
              <Link to="/overview" className={buttonClass('primary')}>
                Connect a client
              </Link>
            }
          >
            Give any MCP client the address of this deployment. It opens a browser, you say what it may do,
            and it stands here from then on.
          </EmptyState>
        }
      />
      <Confirm
        open={leaving !== null}
        onClose={() => {
          act.reset();
          setLeaving(null);
        }}
        onConfirm={() => leaving !== null && act.act(leaving)}
        title={`Disconnect ${leaving?.client.name ?? ''}?`}
        action="Disconnect"
        busy={act.busy}
        problem={<ProblemNotice problem={act.problem} />}
      >
        <p>What it has works nowhere any more within five seconds. It can ask you again.</p>
      </Confirm>
    </PageBody>
  );
}
