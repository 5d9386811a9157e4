import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';
import { Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { Money } from '../../../ui/money.tsx';
import { Notice } from '../../../ui/notice.tsx';
import { PageBody, Section } from '../../../ui/page-header.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { openPortal, readPlans, readSubscription, type Subscription } from '../../api/billing.ts';
import { readCredits } from '../../api/credits.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';
import { Header } from '../../frame/header.tsx';
import { BUCKET_WORDS } from '../credits/credits.tsx';
import { BuyCredit, Plans } from './buy.tsx';
import { Payments, Transactions } from './payments.tsx';
import { ReferralSection } from './referrals.tsx';
import { TopUpSection } from './top-up.tsx';

const route = getRouteApi('/in/billing');

const STATUS_WORDS: Readonly<Record<Subscription['status'], string>> = {
  none: 'Nothing to pay',
  active: 'Paid',
  past_due: 'A payment failed',
  incomplete: 'Waits for its first payment',
  ended: 'Ended',
};

/** How often, and how many times, it is looked again while a payment is on its way. */
const LOOK_AGAIN_MS = 2_000;
const LOOKS = 30;

/** The tenant's credit and plan: what there is, what was paid, and what can be bought. */
export function BillingPage(): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const { checkout, ref } = route.useSearch();
  const coming = checkout === 'done';
  const refetchInterval = ({ state }: { state: { dataUpdateCount: number } }) =>
    coming && state.dataUpdateCount < LOOKS ? LOOK_AGAIN_MS : false;
  const credits = useQuery({
    queryKey: [tenant.id, 'credits'],
    queryFn: ({ signal }) => readCredits(signal),
    refetchInterval,
  });
  const reads = may('billing:read');
  const subscription = useQuery({
    queryKey: [tenant.id, 'subscription'],
    queryFn: ({ signal }) => readSubscription(signal),
    enabled: reads,
    refetchInterval,
  });
  const plans = useQuery({ queryKey: ['plans'], queryFn: ({ signal }) => readPlans(signal) });
  const portal = useAct(openPortal, { after: ({ url }) => window.location.assign(url) });
  const buys = may('billing:write') && plans.data?.available === true;
  return (
    <PageBody narrow>
      <Header
        title="Billing"
        description="Credit pays for calls with the platform’s keys; a plan brings some each month."
        aside={
          buys ? (
            <Button icon={ExternalLink} busy={portal.busy} onClick={() => portal.act()}>
              Cards and invoices
            </Button>
          ) : undefined
        }
      />
      <div className="flex flex-col gap-3 pb-6 empty:hidden">
        {coming && (
          <Notice tone="info" title="Thank you">
            What you paid for is here as soon as the payment is reported, usually within seconds.
          </Notice>
        )}
        {checkout === 'cancelled' && (
          <Notice tone="info" title="Nothing was bought">
            You came back before paying.
          </Notice>
        )}
        {plans.data?.available === false && (
          <Notice tone="info" title="This deployment takes no payments">
            Ask whoever runs it for credit.
          </Notice>
        )}
        <ProblemNotice problem={portal.problem} />
      </div>
      <Section title="Credit" description="What can be spent now, and where it came from.">
        {credits.error !== null && credits.data === undefined && (
          <ProblemNotice problem={asProblem(credits.error)} onRetry={() => void credits.refetch()} />
        )}
        {credits.isPending && <SkeletonLines lines={2} label="Loading the credit" />}
        {credits.data !== undefined && (
          <div className="flex flex-col gap-3">
            <p className="text-28 font-medium tracking-tight">
              <Money nano={credits.data.available_nano_usd} />
            </p>
            <dl className="flex flex-col gap-1 text-13">
              {credits.data.buckets.map(({ id, kind, left_nano_usd: left, expires_at: end }) => (
                <div key={id} className="flex justify-between gap-4">
                  <dt className="text-text-2">
                    {BUCKET_WORDS[kind]}
                    {end !== null && (
                      <>
                        , until <Time at={end} as="date" />
                      </>
                    )}
                  </dt>
                  <dd>
                    <Money nano={left} />
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        )}
        {buys && plans.data !== undefined && <BuyCredit table={plans.data} />}
      </Section>
      {reads && (
        <Section title="Plan" description="Paid by the month through Stripe.">
          {subscription.error !== null && subscription.data === undefined && (
            <ProblemNotice
              problem={asProblem(subscription.error)}
              onRetry={() => void subscription.refetch()}
            />
          )}
          {subscription.data !== undefined && <Standing subscription={subscription.data} />}
          {plans.data !== undefined && <Plans table={plans.data} now={subscription.data?.plan} buys={buys} />}
        </Section>
      )}
      {reads && plans.data?.available === true && <TopUpSection />}
      {reads && plans.data?.available === true && <ReferralSection given={ref} />}
      {reads && <Payments tenantId={tenant.id} refetchInterval={refetchInterval} />}
      <Transactions tenantId={tenant.id} refetchInterval={refetchInterval} />
    </PageBody>
  );
}

function Standing({ subscription }: { readonly subscription: Subscription }): ReactNode {
  const { status, seats, period_end: end, grace_until: grace } = subscription;
  return (
    <div className="flex flex-col gap-2 pb-4 text-13">
      <Status tone={status === 'past_due' ? 'danger' : status === 'active' ? 'success' : 'neutral'}>
        {STATUS_WORDS[status]}
        {seats > 1 && `, ${seats} seats`}
      </Status>
      {subscription.agreed && (
        <p className="text-text-2">
          By agreement
          {subscription.agreed_until !== null && (
            <>
              {' '}
              until <Time at={subscription.agreed_until} as="date" />
            </>
          )}
        </p>
      )}
      {end !== null && (
        <p className="text-text-2">
          {subscription.cancel_at_period_end ? 'Ends' : 'Goes on'} <Time at={end} as="date" />
        </p>
      )}
      {grace !== null && (
        <Notice tone="warning" title="A payment failed">
          The plan holds until <Time at={grace} as="date" />. Pay the invoice or change the card under Cards
          and invoices.
        </Notice>
      )}
      {subscription.open_dispute && (
        <Notice tone="warning" title="A payment is disputed">
          Its credit is frozen until the bank has decided.
        </Notice>
      )}
    </div>
  );
}
