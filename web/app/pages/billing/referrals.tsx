import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Status } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { CopyButton } from '../../../ui/copy.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { usd } from '../../../ui/format/money.ts';
import { Money } from '../../../ui/money.tsx';
import { Section } from '../../../ui/page-header.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { claimReferral, type Referral, type Referrals, readReferrals } from '../../api/billing.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

const STATUS: Readonly<
  Record<Referral['status'], { readonly words: string; readonly tone: 'neutral' | 'success' | 'warning' }>
> = {
  waiting: { words: 'Has not paid yet', tone: 'neutral' },
  earned: { words: 'Bonus earned', tone: 'success' },
  taken_back: { words: 'Payment given back', tone: 'warning' },
  not_counted: { words: 'Does not count', tone: 'neutral' },
};

/** The tenant's code, who came with it, and where another's code is given. */
export function ReferralSection({ given }: { readonly given: string | undefined }): ReactNode {
  const tenant = useTenant();
  const referrals = useQuery({
    queryKey: [tenant.id, 'referrals'],
    queryFn: ({ signal }) => readReferrals(signal),
  });
  return (
    <Section title="Referrals" description="Send somebody who pays, and both of you get credit.">
      {referrals.error !== null && referrals.data === undefined && (
        <ProblemNotice problem={asProblem(referrals.error)} onRetry={() => void referrals.refetch()} />
      )}
      {referrals.isPending && <SkeletonLines lines={3} label="Loading the referrals" />}
      {referrals.data !== undefined && <Standing referrals={referrals.data} given={given} />}
    </Section>
  );
}

function Standing({
  referrals,
  given,
}: {
  readonly referrals: Referrals;
  readonly given: string | undefined;
}): ReactNode {
  const may = useMay();
  const { code, link, terms, data, claim } = referrals;
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-col gap-2 rounded-md border border-line bg-surface-2 p-3">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <p className="text-13 text-text-2">
            Your code <code className="ml-1 font-mono text-14 text-text">{code}</code>
          </p>
          <CopyButton text={link} what="the link" words />
        </div>
        <p className="break-all font-mono text-12 text-text-2">{link}</p>
      </div>
      <p className="text-13 text-text-2">
        You get {usd(terms.referrer_usd)} and they get {usd(terms.referred_usd)} with their first payment of
        at least {usd(terms.least_payment_cents / 100)}, at most {terms.most_a_month} times a month. The bonus
        ends after {terms.bonus_days} days.
      </p>
      <p className="text-13">
        Earned so far: <Money nano={referrals.earned_nano_usd} />
      </p>
      {data.length > 0 && (
        <ul className="flex flex-col divide-y divide-line border-line border-y text-13" aria-label="Who came">
          {data.map((one) => (
            <li key={one.id} className="flex items-center justify-between gap-4 py-2">
              <span>
                Came <Time at={one.came_at} as="date" />
              </span>
              <Came one={one} />
            </li>
          ))}
        </ul>
      )}
      {claim !== null && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-13 text-text-2">
          You came with somebody’s code <Came one={claim} yours />
        </p>
      )}
      {referrals.can_claim_until !== null && may('billing:write') && (
        <ClaimForm given={given} until={referrals.can_claim_until} />
      )}
    </div>
  );
}

function Came({ one, yours = false }: { readonly one: Referral; readonly yours?: boolean }): ReactNode {
  const { words, tone } = STATUS[one.status];
  return (
    <span className="flex items-center gap-3">
      <Status tone={tone}>
        {yours && one.status === 'waiting' ? 'Comes with your first payment' : words}
      </Status>
      {one.earned_nano_usd > 0 && <Money nano={one.earned_nano_usd} />}
    </span>
  );
}

function ClaimForm({
  given,
  until,
}: {
  readonly given: string | undefined;
  readonly until: string;
}): ReactNode {
  const tenant = useTenant();
  const act = useAct((code: string) => claimReferral(code), {
    changes: [[tenant.id, 'referrals']],
    after: () => say('The code is kept: the bonus comes with your first payment'),
  });
  return (
    <Form
      className="flex flex-col gap-3"
      label="Somebody’s code"
      errors={act.errorsAt('code')}
      onSubmit={({ code = '' }) => act.act(code)}
    >
      <TextField
        label="Did somebody send you?"
        name="code"
        required
        maxLength={20}
        defaultValue={given ?? ''}
        help={
          <>
            Their code, until <Time at={until} as="date" /> and before your first payment.
          </>
        }
        autoComplete="off"
      />
      <ProblemNotice problem={act.problemBeside('code')} />
      <div>
        <Button type="submit" busy={act.busy}>
          Give the code
        </Button>
      </div>
    </Form>
  );
}
