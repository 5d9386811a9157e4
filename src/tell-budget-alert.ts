import type { BudgetReachedEvent } from './contracts/webhooks.ts';
import { type BudgetAlert, type BudgetAlertMessage, IN_BUDGET_PERIOD } from './features/metering/index.ts';
import { addNotice, type MailContext, type Notice, tellManagers } from './features/notices/index.ts';
import { type OutgoingEvent, postEvent, type WebhookContext } from './features/webhooks/index.ts';
import { iso } from './platform/clock.ts';
import { nano, toUsd } from './platform/money.ts';

/**
 * Tells how far a budget has come: its tenant's owners and admins in the web app and by mail, the member whom it bounds in the web app, and the webhook endpoints.
 * May be repeated; everything has its id from the alert. Throws what the database and the queue throw.
 */
export async function tellBudgetAlert(
  context: MailContext & WebhookContext,
  { tenantId, alert }: BudgetAlertMessage,
): Promise<void> {
  const notice = budgetNotice(alert);
  await tellManagers(context, { tenantId }, notice);
  if (alert.scope === 'member' && alert.subject !== null)
    await addNotice(
      context.env.DB,
      { tenantId },
      {
        ...notice,
        id: `${notice.id}/member`,
        audience: alert.subject as `usr_${string}`,
      },
    );
  await postEvent(context, { tenantId }, budgetEvent(tenantId, alert));
}

/** What is told of a budget. The same alert has the same id. Pure. */
export function budgetNotice(alert: BudgetAlert): Notice & { readonly audience: 'managers' } {
  const { name, period, percent, spent, limit, at } = alert;
  return {
    id: alertId(alert),
    audience: 'managers',
    kind: 'budget',
    title: percent >= 100 ? `The budget “${name}” is used up` : `The budget “${name}” is ${percent} % spent`,
    body: `${dollars(spent)} of ${dollars(limit)} were spent ${IN_BUDGET_PERIOD[period]}. ${whatFollows(alert)}`,
    link: '/budgets',
    at,
  };
}

function whatFollows({ hard, percent, end }: BudgetAlert): string {
  const day = iso(end).slice(0, 10);
  if (!hard) return `Calls go on: this budget only counts. It begins anew on ${day}.`;
  if (percent >= 100) return `Calls that it bounds are refused until it begins anew on ${day}, or is raised.`;
  return `Calls that do not fit into the rest are refused. It begins anew on ${day}.`;
}

/** The same as webhook endpoints get it. Pure. */
export function budgetEvent(
  tenantId: string,
  alert: BudgetAlert,
): OutgoingEvent & { readonly body: BudgetReachedEvent } {
  const { budgetId, name, scope, subject, period, hard, percent, spent, limit, start, end, at } = alert;
  return {
    id: `evt_${alertId(alert).replaceAll('/', '_')}`,
    body: {
      type: 'budget.reached',
      timestamp: iso(at),
      tenant_id: tenantId,
      data: {
        budget: { id: budgetId, name, scope, subject, period, hard },
        percent,
        limit_usd: toUsd(nano(limit)),
        spent_usd: toUsd(nano(spent)),
        spent_nano_usd: spent,
        period_start: iso(start),
        resets_at: iso(end),
      },
    },
  };
}

/** A budget, a period, a percentage, and the limit it is of: under another limit the same percentage is told anew. */
const alertId = ({ budgetId, start, percent, limit }: BudgetAlert) =>
  `budget/${budgetId}/${start}/${percent}/${limit}`;

/** Cents; below a dollar two significant digits at least, so that little does not look like nothing, nor like all of it. */
function dollars(amount: number): string {
  const usd = toUsd(nano(amount));
  const digits = usd === 0 || usd >= 1 ? 2 : Math.min(9, Math.max(2, 1 - Math.floor(Math.log10(usd))));
  return `$${usd.toFixed(digits).replace(/(\.\d\d\d*?)0+$/, '$1')}`;
}
