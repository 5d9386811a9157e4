import { type Books, Refusal, type Thing } from './books.ts';

/** What moves money: payments, refunds, disputes, subscriptions with their invoices. */

export const MONTH_S = 30 * 24 * 60 * 60;

/** Where tax is on everybody pays so much of it: the real Stripe goes by the address. */
const TAX_PERCENT = 19;

/** Tax on an amount, in cents. */
export const taxOn = (cents: number): number => Math.round((cents * TAX_PERCENT) / 100);

/** A payment that succeeds, or is refused by the bank. */
export function pay(books: Books, fields: Record<string, unknown>, refused = false): Thing {
  const intent = books.add('pi', 'payment_intent', {
    status: refused ? 'requires_payment_method' : 'succeeded',
    amount_received: refused ? 0 : fields.amount,
    latest_charge: null,
    ...fields,
  });
  if (refused) {
    books.emit('payment_intent.payment_failed', intent);
    return intent;
  }
  const charge = books.add('ch', 'charge', {
    amount: fields.amount,
    amount_refunded: 0,
    currency: fields.currency,
    customer: fields.customer,
    payment_intent: intent.id,
    payment_method_details: {
      type: 'card',
      card: {
        fingerprint: books.get('customer', String(fields.customer)).card ?? `card_of_${fields.customer}`,
      },
    },
    refunded: false,
    disputed: false,
    paid: true,
  });
  intent.latest_charge = charge.id;
  books.emit('payment_intent.succeeded', intent);
  return intent;
}

/** Gives money back. Stripe itself refuses more than was paid; `force` makes the refund that must never be. */
export function refund(books: Books, intentId: string, amount: number | undefined, force = false): Thing {
  const intent = books.get('payment_intent', intentId);
  const charge = books.get('charge', String(intent.latest_charge));
  const left = Number(charge.amount) - Number(charge.amount_refunded);
  const cents = amount ?? left;
  if (!force && (cents < 1 || cents > left))
    throw new Refusal(
      400,
      'invalid_request_error',
      `Refund amount (${cents}) is greater than unrefunded amount`,
    );
  charge.amount_refunded = Number(charge.amount_refunded) + cents;
  const made = books.add('re', 'refund', {
    amount: cents,
    currency: intent.currency,
    charge: charge.id,
    payment_intent: intent.id,
    status: 'succeeded',
  });
  books.emit('refund.created', made);
  books.emit('charge.refunded', charge);
  return made;
}

/** A refund that was told as done, and that the bank sends back. */
export function failRefund(books: Books, id: string): Thing {
  const found = books.get('refund', id);
  const charge = books.get('charge', String(found.charge));
  charge.amount_refunded = Number(charge.amount_refunded) - Number(found.amount);
  found.status = 'failed';
  books.emit('refund.failed', found);
  return found;
}

export function dispute(books: Books, intentId: string, amount?: number): Thing {
  const intent = books.get('payment_intent', intentId);
  const made = books.add('dp', 'dispute', {
    amount: amount ?? intent.amount,
    currency: intent.currency,
    charge: intent.latest_charge,
    payment_intent: intent.id,
    status: 'needs_response',
    reason: 'fraudulent',
  });
  books.emit('charge.dispute.created', made);
  return made;
}

export function closeDispute(books: Books, id: string, status: 'won' | 'lost'): Thing {
  const found = books.get('dispute', id);
  found.status = status;
  books.emit('charge.dispute.closed', found);
  return found;
}

export interface Item {
  price: Thing;
  quantity: number;
}

interface Line extends Item {
  amount: number;
}

/** An invoice, paid at once unless the bank refuses. */
export function invoice(books: Books, subscription: Thing, lines: readonly Line[], reason: string): Thing {
  const [start, end] = [Number(subscription.period_start), Number(subscription.period_end)];
  const net = Math.max(
    0,
    lines.reduce((sum, { amount }) => sum + amount, 0),
  );
  const tax = subscription.taxed === true ? taxOn(net) : 0;
  const total = net + tax;
  const refused = subscription.card_refused === true;
  const made = books.add('in', 'invoice', {
    customer: subscription.customer,
    currency: 'usd',
    number: `LOCAL-${books.all('invoice').length + 1}`,
    status: refused ? 'open' : 'paid',
    billing_reason: reason,
    total,
    total_taxes: tax === 0 ? [] : [{ amount: tax, tax_behavior: 'exclusive' }],
    amount_due: total,
    amount_paid: refused ? 0 : total,
    hosted_invoice_url: null,
    invoice_pdf: null,
    parent: { type: 'subscription_details', subscription_details: { subscription: subscription.id } },
  });
  made.lines = {
    object: 'list',
    has_more: false,
    url: `/v1/invoices/${made.id}/lines`,
    data: lines.map(({ price, quantity, amount }, index) => ({
      id: `il_${made.id}_${index}`,
      object: 'line_item',
      amount,
      currency: 'usd',
      quantity,
      period: { start, end },
      pricing: {
        type: 'price_details',
        price_details: { price: price.id, product: price.product },
        unit_amount_decimal: String(price.unit_amount),
      },
    })),
  };
  subscription.latest_invoice = made.id;
  if (total > 0) settle(books, made, refused);
  books.emit(refused ? 'invoice.payment_failed' : 'invoice.paid', made);
  return made;
}

function settle(books: Books, made: Thing, refused: boolean): void {
  const { customer, total } = made;
  const intent = pay(books, { amount: total, currency: 'usd', customer }, refused);
  books.add('inpay', 'invoice_payment', {
    invoice: made.id,
    amount_paid: refused ? null : total,
    status: refused ? 'open' : 'paid',
    payment: { type: 'payment_intent', payment_intent: intent.id },
  });
}

/** Pays what is open, with a card that works again. */
export function payOpenInvoice(books: Books, subscription: Thing): void {
  const made = books.get('invoice', String(subscription.latest_invoice));
  subscription.card_refused = false;
  if (made.status !== 'open') return;
  Object.assign(made, { status: 'paid', amount_paid: made.total });
  settle(books, made, false);
  subscription.status = 'active';
  books.emit('invoice.paid', made);
  books.emit('customer.subscription.updated', subscription);
}

export function subscribe(
  books: Books,
  customer: string,
  { price, quantity }: Item,
  { metadata, taxed = false }: { readonly metadata: object; readonly taxed?: boolean },
): Thing {
  const start = books.now();
  const subscription = books.add('sub', 'subscription', {
    customer,
    status: 'active',
    currency: 'usd',
    cancel_at_period_end: false,
    billing_cycle_anchor: start,
    period_start: start,
    period_end: start + MONTH_S,
    taxed,
    metadata,
  });
  setItem(subscription, { price, quantity });
  books.emit('customer.subscription.created', subscription);
  invoice(books, subscription, [full({ price, quantity })], 'subscription_create');
  return subscription;
}

function setItem(subscription: Thing, { price, quantity }: Item): void {
  subscription.items = {
    object: 'list',
    has_more: false,
    data: [
      {
        id: `si_${subscription.id}`,
        object: 'subscription_item',
        price,
        quantity,
        current_period_start: subscription.period_start,
        current_period_end: subscription.period_end,
      },
    ],
  };
}

export function itemOf(subscription: Thing): Item {
  const [item] = (subscription.items as { data: Item[] }).data;
  if (item === undefined) throw new Error('a subscription without an item');
  return item;
}

const full = ({ price, quantity }: Item): Line => ({
  price,
  quantity,
  amount: Number(price.unit_amount) * quantity,
});

/**
 * Another plan or other seats: the rest of the period is charged, less what was paid for it; at once, or with the next invoice. Where it must be paid a card that is
 * refused changes nothing; else the change holds and its invoice stays open.
 */
export function change(
  books: Books,
  subscription: Thing,
  next: Item,
  { invoicesNow, mustBePaid }: { readonly invoicesNow: boolean; readonly mustBePaid: boolean },
): void {
  const before = itemOf(subscription);
  if (before.price.id === next.price.id && before.quantity === next.quantity) return;
  const [start, end] = [Number(subscription.period_start), Number(subscription.period_end)];
  const rest = Math.max(0, Math.min(1, (end - books.now()) / (end - start)));
  const part = (item: Item, sign: number): Line => ({
    ...item,
    amount: sign * Math.round(full(item).amount * rest),
  });
  const lines = [part(before, -1), part(next, 1)];
  const due = invoicesNow && subscription.card_refused === true;
  if (due && mustBePaid && lines.reduce((sum, { amount }) => sum + amount, 0) > 0)
    throw new Refusal(402, 'card_error', 'Your card was declined.', { code: 'card_declined' });
  setItem(subscription, next);
  if (invoicesNow) invoice(books, subscription, lines, 'subscription_update');
  else subscription.pending = [...pendingOf(subscription), ...lines];
  books.emit('customer.subscription.updated', subscription);
}

/** What the next invoice charges besides. */
const pendingOf = (subscription: Thing) => (subscription.pending ?? []) as Line[];

export function cancel(books: Books, subscription: Thing): void {
  if (subscription.status === 'canceled') return;
  Object.assign(subscription, { status: 'canceled', ended_at: books.now() });
  books.emit('customer.subscription.deleted', subscription);
}

/** What happens when a period ends: the next invoice, or the end. */
export function renew(books: Books): void {
  for (const subscription of books.all('subscription')) {
    if (!['active', 'past_due'].includes(String(subscription.status))) continue;
    if (Number(subscription.period_end) > books.now()) continue;
    if (subscription.cancel_at_period_end === true) {
      cancel(books, subscription);
      continue;
    }
    const start = Number(subscription.period_end);
    Object.assign(subscription, { period_start: start, period_end: start + MONTH_S });
    setItem(subscription, itemOf(subscription));
    const refused = subscription.card_refused === true;
    const lines = [full(itemOf(subscription)), ...pendingOf(subscription)];
    subscription.pending = [];
    invoice(books, subscription, lines, 'subscription_cycle');
    if (refused) subscription.status = 'past_due';
    books.emit('customer.subscription.updated', subscription);
  }
}
