import { type ReactNode, useState } from 'react';
import { SOLD_PLANS } from '../../../../src/contracts/billing.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { Form, TextField } from '../../../ui/field.tsx';
import { count, usd } from '../../../ui/format/money.ts';
import { Checkbox } from '../../../ui/toggle.tsx';
import { checkout, type PlanTable } from '../../api/billing.ts';
import { useAct } from '../../api/use-act.ts';
import { ProblemNotice } from '../../frame/failure.tsx';

/** Goes to Stripe's page. Coming back grants nothing; the payment does. */
function useCheckout() {
  return useAct(checkout, { after: ({ url }) => window.location.assign(url) });
}

/** Packs and any amount of credit. */
export function BuyCredit({ table }: { readonly table: PlanTable }): ReactNode {
  const act = useCheckout();
  const [keep, setKeep] = useState(false);
  return (
    <div className="flex flex-col gap-3 pt-5">
      <div className="flex flex-wrap gap-2">
        {table.packs.map(({ id, price_cents: cents }) => (
          <Button
            key={id}
            busy={act.busy}
            onClick={() => act.act({ buy: 'pack', pack: id as 'pack_20', save_card: keep })}
          >
            Buy {usd(cents / 100)}
          </Button>
        ))}
      </div>
      <Form
        className="flex items-end gap-2"
        errors={act.errorsAt('amount_cents')}
        onSubmit={({ amount_cents: dollars = '' }) =>
          act.act({ buy: 'credit', amount_cents: Math.round(Number(dollars) * 100), save_card: keep })
        }
      >
        <TextField
          label="Another amount"
          name="amount_cents"
          type="number"
          inputMode="decimal"
          min={table.least_cents / 100}
          max={table.most_cents / 100}
          step={0.01}
          before="$"
          required
        />
        <Button type="submit" busy={act.busy}>
          Buy
        </Button>
      </Form>
      <Checkbox label="Keep the card for automatic top-ups" checked={keep} onChange={setKeep} />
      <ProblemNotice problem={act.problemBeside('amount_cents')} />
    </div>
  );
}

/** The table of plans, with the present one marked. */
export function Plans({
  table,
  now,
  buys,
}: {
  readonly table: PlanTable;
  readonly now: string | undefined;
  readonly buys: boolean;
}): ReactNode {
  const act = useCheckout();
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <div className="flex flex-col gap-3">
      <ul className="divide-y divide-line rounded-md border border-line">
        {table.plans.map((plan) => (
          <li
            key={plan.id}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-3 py-2.5"
          >
            <div className="min-w-0 flex-1 basis-56">
              <p className="flex items-center gap-2 font-medium">
                {plan.name}
                {plan.id === now && <Badge tone="accent">Yours</Badge>}
              </p>
              <p className="text-13 text-text-2">
                {plan.summary}
                {plan.monthly_credit_usd > 0 &&
                  ` With ${usd(plan.monthly_credit_usd)} of credit a month${plan.per_seat ? ' and seat' : ''}.`}
                {` ${quotasOf(plan)}`}
              </p>
            </div>
            <p className="text-13 tabular-nums">{priceOf(plan)}</p>
            {buys && plan.sold && plan.id !== now && (
              <Button
                size="dense"
                busy={act.busy && chosen === plan.id}
                onClick={() => {
                  setChosen(plan.id);
                  const sold = SOLD_PLANS.find((id) => id === plan.id);
                  if (sold !== undefined) act.act({ buy: 'plan', plan: sold, seats: 1 });
                }}
              >
                Take {plan.name}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ProblemNotice problem={act.problem} />
    </div>
  );
}

/** What a plan gives in a month, in a sentence. */
function quotasOf({ quotas }: PlanTable['plans'][number]): string {
  const { messages, ...perspectives } = quotas;
  if (messages === null) return 'Messages and perspectives without a limit.';
  const all = Object.values(perspectives).reduce<number>((sum, limit) => sum + (limit ?? 0), 0);
  return `${count(messages)} messages and ${count(all)} perspectives a month, ${count(quotas.perspectives_premium ?? 0)} of them of premium models.`;
}

function priceOf({ price_usd: price, per_seat: perSeat }: PlanTable['plans'][number]): string {
  if (price === null) return 'by agreement';
  return `${usd(price)} a month${perSeat ? ' a seat' : ''}`;
}
