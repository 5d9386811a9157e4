import { useQueryClient } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { WebhookDeliveryView } from '../../../../src/contracts/webhooks.ts';
import { Status } from '../../../ui/badge.tsx';
import { Copyable } from '../../../ui/copy.tsx';
import { Details } from '../../../ui/details.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import type { Column } from '../../../ui/table/column.ts';
import { Table } from '../../../ui/table/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { usePages } from '../../api/pages-of.ts';
import { useTenant } from '../../api/session.ts';
import { listDeliveries } from '../../api/webhooks.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { answerWords, deliveryState, lookAgainMs, TYPE_NAMES } from './words.ts';

const none = <span className="text-text-3">–</span>;

const COLUMNS: readonly Column<WebhookDeliveryView>[] = [
  {
    id: 'event',
    header: 'Event',
    cell: ({ type }) => (
      <>
        {TYPE_NAMES[type]}{' '}
        <code className="pl-1.5 font-mono text-12 font-normal text-text-3 max-sm:hidden">{type}</code>
      </>
    ),
  },
  { id: 'status', header: 'Status', cell: (delivery) => <DeliveryStatus delivery={delivery} /> },
  {
    id: 'answer',
    header: 'Answered',
    cell: (delivery) => {
      const words = answerWords(delivery);
      return words === null ? none : <span title={delivery.error ?? undefined}>{words}</span>;
    },
    from: 'sm',
  },
  { id: 'attempts', header: 'Attempts', cell: ({ attempts }) => attempts, align: 'right', from: 'md' },
  {
    id: 'next',
    header: 'Next attempt',
    cell: ({ next_attempt_at: at }) => (at === null ? none : <Time at={at} />),
    from: 'md',
  },
  { id: 'when', header: 'When', cell: ({ created_at: at }) => <Time at={at} /> },
];

/** What was posted to an endpoint, and how it went. Looks again by itself while something is under way. */
export function Deliveries({ endpointId }: { readonly endpointId: string }): ReactNode {
  const tenant = useTenant();
  const client = useQueryClient();
  const [openId, setOpenId] = useState<string | null>(null);
  const deliveries = usePages(
    [tenant.id, 'webhooks', endpointId, 'deliveries'],
    (cursor, signal) => listDeliveries(endpointId, cursor, signal),
    { lookAgain: (rows) => lookAgainMs(rows, Date.now()) },
  );
  // How a delivery went changes how its endpoint is: failing, off, or well again.
  const course = deliveries.rows?.map(({ id, attempts, status }) => `${id} ${attempts} ${status}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what became of deliveries matters
  useEffect(() => {
    if (course === undefined) return;
    for (const queryKey of [
      [tenant.id, 'webhooks'],
      [tenant.id, 'webhooks', endpointId],
    ])
      void client.invalidateQueries({ queryKey, exact: true });
  }, [course]);
  const open = deliveries.rows?.find(({ id }) => id === openId);
  return (
    <div className="pt-8">
      <h2 className="text-16 font-semibold">Deliveries</h2>
      <p className="pb-3 text-13 text-text-2">
        What was posted in the last 30 days. What is not answered with a 2xx is tried eight times in a day and
        a quarter.
      </p>
      <Table
        label="Deliveries"
        columns={COLUMNS}
        rows={deliveries.rows}
        keyOf={({ id }) => id}
        onOpen={({ id }) => setOpenId(id)}
        more={deliveries.more}
        skeletons={3}
        failure={
          deliveries.problem === null ? undefined : (
            <ProblemNotice
              title="The deliveries could not be loaded"
              problem={deliveries.problem}
              onRetry={deliveries.retry}
            />
          )
        }
        empty={
          <EmptyState icon={Send} title="Nothing was posted yet">
            Send a test event to see whether your receiver takes it.
          </EmptyState>
        }
      />
      {open !== undefined && <DeliveryDialog delivery={open} onClose={() => setOpenId(null)} />}
    </div>
  );
}

function DeliveryStatus({ delivery }: { readonly delivery: WebhookDeliveryView }): ReactNode {
  const { word, tone } = deliveryState(delivery);
  return <Status tone={tone}>{word}</Status>;
}

function DeliveryDialog({
  delivery,
  onClose,
}: {
  readonly delivery: WebhookDeliveryView;
  readonly onClose: () => void;
}): ReactNode {
  const { error, next_attempt_at: next } = delivery;
  return (
    <Dialog
      open
      onClose={onClose}
      title={TYPE_NAMES[delivery.type]}
      description={<DeliveryStatus delivery={delivery} />}
    >
      <Details
        items={[
          [
            'Type',
            <code key="type" className="font-mono text-13">
              {delivery.type}
            </code>,
          ],
          ['webhook-id', <Copyable key="event" text={delivery.event_id} what="the event’s id" />],
          ['Attempts', delivery.attempts],
          ['Answered', answerWords(delivery) ?? none],
          ...(error === null ? [] : [['Why it failed', error] as const]),
          ...(next === null ? [] : [['Next attempt', <Time key="next" at={next} as="exact" />] as const]),
          ['Happened', <Time key="made" at={delivery.created_at} as="exact" />],
          ['Last change', <Time key="changed" at={delivery.updated_at} as="exact" />],
        ]}
      />
    </Dialog>
  );
}
