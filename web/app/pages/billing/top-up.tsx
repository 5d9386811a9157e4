import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { TopUpRequest } from '../../../../src/contracts/billing.ts';
import { Button } from '../../../ui/button.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { usd } from '../../../ui/format/money.ts';
import { Notice } from '../../../ui/notice.tsx';
import { Section } from '../../../ui/page-header.tsx';
import { SkeletonLines } from '../../../ui/skeleton.tsx';
import { Time } from '../../../ui/time.tsx';
import { say } from '../../../ui/toaster.tsx';
import { Switch } from '../../../ui/toggle.tsx';
import { changeTopUp, readTopUp, type TopUp } from '../../api/billing.ts';
import { asProblem } from '../../api/problem.ts';
import { useMay, useTenant } from '../../api/session.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

const FIELDS = ['threshold_cents', 'amount_cents', 'monthly_cap_cents'] as const;

/** Credit that is bought by itself when it runs low, within a cap a month. */
export function TopUpSection(): ReactNode {
  const tenant = useTenant();
  const topUp = useQuery({
    queryKey: [tenant.id, 'top-up'],
    queryFn: ({ signal }) => readTopUp(signal),
  });
  return (
    <Section
      title="Automatic top-ups"
      description="Buys credit with the saved card when it runs low, never above the month’s cap."
    >
      {topUp.error !== null && topUp.data === undefined && (
        <ProblemNotice problem={asProblem(topUp.error)} onRetry={() => void topUp.refetch()} />
      )}
      {topUp.isPending && <SkeletonLines lines={2} label="Loading the top-ups" />}
      {topUp.data !== undefined && <TopUpForm topUp={topUp.data} />}
    </Section>
  );
}

const STOPS = {
  payment_refused: 'The bank refused the payment three times. Change the card, then turn them on again.',
  no_card: 'The saved card is gone. Keep another one, then turn them on again.',
} as const;

function TopUpForm({ topUp }: { readonly topUp: TopUp }): ReactNode {
  const tenant = useTenant();
  const may = useMay();
  const [enabled, setEnabled] = useState(topUp.enabled);
  const act = useAct((body: TopUpRequest) => changeTopUp(body), {
    changes: [[tenant.id, 'top-up']],
    after: ({ enabled: on }) => say(on ? 'Credit is topped up by itself' : 'Top-ups are off'),
  });
  const writes = may('billing:write');
  return (
    <div className="flex flex-col gap-4">
      {topUp.stopped !== null && (
        <Notice tone="warning" title="Top-ups were turned off">
          {STOPS[topUp.stopped]}
        </Notice>
      )}
      {topUp.retry_at !== null && (
        <Notice tone="warning" title="The last payment was refused">
          It is tried again <Time at={topUp.retry_at} />.
        </Notice>
      )}
      {topUp.under_way && <Notice>A payment is under way; its credit comes with it.</Notice>}
      <Form
        className="flex flex-col gap-4"
        label="Automatic top-ups"
        errors={act.errorsAt(...FIELDS)}
        onSubmit={(values) =>
          act.act({
            enabled,
            threshold_cents: cents(values.threshold_cents),
            amount_cents: cents(values.amount_cents),
            monthly_cap_cents: cents(values.monthly_cap_cents),
          })
        }
      >
        <Switch
          label="Top up by itself"
          help={`${usd(topUp.charged_this_month_cents / 100)} charged this month so far.`}
          checked={enabled}
          disabled={!writes}
          onChange={setEnabled}
        />
        <div className="grid gap-4 sm:grid-cols-3">
          <Dollars
            label="When below"
            name="threshold_cents"
            of={topUp.threshold_cents}
            least={1}
            fixed={!writes}
          />
          <Dollars label="Buy" name="amount_cents" of={topUp.amount_cents} least={5} fixed={!writes} />
          <Dollars
            label="At most a month"
            name="monthly_cap_cents"
            of={topUp.monthly_cap_cents}
            least={5}
            fixed={!writes}
          />
        </div>
        <ProblemNotice problem={act.problemBeside(...FIELDS)} />
        {writes && (
          <div>
            <Button type="submit" busy={act.busy}>
              Save
            </Button>
          </div>
        )}
      </Form>
    </div>
  );
}

const cents = (dollars = '') => Math.round(Number(dollars) * 100);

function Dollars({
  label,
  name,
  of,
  least,
  fixed,
}: {
  readonly label: string;
  readonly name: string;
  readonly of: number;
  readonly least: number;
  readonly fixed: boolean;
}): ReactNode {
  return (
    <TextField
      label={label}
      name={name}
      type="number"
      inputMode="decimal"
      min={least}
      step={0.01}
      before="$"
      required
      disabled={fixed}
      defaultValue={String(of / 100)}
    />
  );
}
