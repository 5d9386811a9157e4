/** What is to be looked at afresh because of an event. Its own copy of the object may be old by the time it comes, and is not believed. */
export type Look =
  | { readonly at: 'payment'; readonly id: string }
  | { readonly at: 'invoice'; readonly id: string }
  | { readonly at: 'customer'; readonly id: string };

/** Events that we ask Stripe to send. */
export const EVENT_TYPES = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'payment_intent.succeeded',
  'charge.refunded',
  'charge.refund.updated',
  'refund.created',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'invoice.paid',
  'invoice.payment_failed',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.deleted',
] as const;
const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES);

/** What an event is about; nothing for types that we do not know. Pure. */
export function looksOf(type: string, object: Readonly<Record<string, unknown>>): Look[] {
  if (!KNOWN.has(type)) return [];
  const looks: Look[] = [];
  const look = (at: Look['at'], value: unknown) => {
    const id = idOf(value);
    if (id !== null) looks.push({ at, id });
  };
  if (type.startsWith('payment_intent.')) look('payment', object);
  else look('payment', object.payment_intent);
  look(
    'invoice',
    type.startsWith('invoice.') ? object : type.startsWith('checkout.') ? object.invoice : null,
  );
  if (type === 'customer.deleted') look('customer', object);
  else if (/^(?:checkout|invoice|customer)\./.test(type)) look('customer', object.customer);
  return looks;
}

/** The id of a thing that Stripe names or shows whole. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value !== 'object' || value === null) return null;
  const { id } = value as { readonly id?: unknown };
  return typeof id === 'string' ? id : null;
}
