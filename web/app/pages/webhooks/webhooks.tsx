import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Plus, Webhook } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { WebhookEndpointView } from '../../../../src/contracts/webhooks.ts';
import { Badge, Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { PageBody } from '../../../ui/page-header.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { listEndpoints } from '../../api/webhooks.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { AddEndpoint } from './endpoint-form.tsx';
import { endpointState } from './words.ts';

const DESCRIPTION =
  'What happens in this tenant, posted to addresses of yours and signed, so that a program hears of it as soon as a person does.';

const LINK = 'underline decoration-line-3 underline-offset-3 hover:decoration-current';

const COLUMNS: readonly Column<WebhookEndpointView>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name },
  {
    id: 'url',
    header: 'Address',
    cell: ({ url }) => (
      <code className="block max-w-80 truncate font-mono text-12 text-text-2" title={url}>
        {url}
      </code>
    ),
    from: 'md',
  },
  { id: 'events', header: 'Events', cell: ({ events }) => <Events events={events} />, from: 'lg' },
  { id: 'status', header: 'Status', cell: (endpoint) => <EndpointStatus endpoint={endpoint} /> },
  {
    id: 'failing',
    header: 'Failing since',
    cell: ({ failing_since: at }) =>
      at === null ? <span className="text-text-3">–</span> : <Time at={at} />,
    from: 'sm',
  },
];

/** Where the tenant's events are posted to. */
export function WebhooksPage(): ReactNode {
  const may = useMay();
  return (
    <PageBody>
      {may('webhooks:read') ? (
        <Endpoints />
      ) : (
        <>
          <Header title="Webhooks" description={DESCRIPTION} />
          <EmptyState icon={Webhook} title="Owners and admins manage them">
            Ask one of them if a program of yours is to be told what happens here.
          </EmptyState>
        </>
      )}
    </PageBody>
  );
}

function Endpoints(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const endpoints = useQuery({
    queryKey: [tenant.id, 'webhooks'],
    queryFn: ({ signal }) => listEndpoints(signal),
  });
  const add = may('webhooks:write') ? (
    <Button variant="primary" icon={Plus} onClick={() => setAdding(true)}>
      Add a webhook
    </Button>
  ) : undefined;
  const open = (id: string) => void navigate({ to: '/webhooks/$endpointId', params: { endpointId: id } });
  return (
    <>
      <Header title="Webhooks" description={DESCRIPTION} action={add} />
      <Table
        label="Webhooks"
        columns={COLUMNS}
        rows={endpoints.data?.data}
        keyOf={({ id }) => id}
        onOpen={({ id }) => open(id)}
        skeletons={3}
        failure={
          endpoints.error === null || endpoints.data !== undefined ? undefined : (
            <ProblemNotice
              title="The webhooks could not be loaded"
              problem={asProblem(endpoints.error)}
              onRetry={() => void endpoints.refetch()}
            />
          )
        }
        empty={
          <EmptyState icon={Webhook} title="No webhooks yet" {...(add === undefined ? {} : { action: add })}>
            <p>
              A webhook tells a program of yours what happens here, within seconds: that a budget is at 80 %,
              for a chat or a pager. Events are posted to your address as JSON, signed, and tried again for a
              day when it does not answer.
            </p>
            <p className="pt-2">
              <a href="/docs/#webhook/POST/budget.reached" className={LINK}>
                What is posted
              </a>{' '}
              is in the API reference. The signature is that of{' '}
              <a href="https://www.standardwebhooks.com" target="_blank" rel="noreferrer" className={LINK}>
                Standard Webhooks
              </a>
              , which has libraries that check it.
            </p>
          </EmptyState>
        }
      />
      {adding && <AddEndpoint onClose={() => setAdding(false)} onMade={open} />}
    </>
  );
}

export function EndpointStatus({ endpoint }: { readonly endpoint: WebhookEndpointView }): ReactNode {
  const { word, tone } = endpointState(endpoint);
  return <Status tone={tone}>{word}</Status>;
}

export function Events({ events }: { readonly events: WebhookEndpointView['events'] }): ReactNode {
  return (
    <span className="inline-flex flex-wrap gap-1">
      {events.map((event) => (
        <Badge key={event} mono>
          {event}
        </Badge>
      ))}
    </span>
  );
}
