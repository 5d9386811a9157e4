import { type Books, Refusal, type Thing } from './books.ts';
import { type Field, type Fields, fieldsOf, listOf, metadataOf, textOf } from './form.ts';
import { cancel, change, itemOf, pay, refund, taxOn } from './money.ts';

/** Stripe's REST API, as far as Parallax asks it (https://docs.stripe.com/api). */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: Fields;
  readonly body: Fields;
  /** Where this server is, for the pages that it names. */
  readonly origin: string;
}

export function answerApi(books: Books, request: Request): unknown {
  const { method, path, query, body, origin } = request;
  const [, kind = '', id, act] =
    /^\/v1\/(billing_portal\/sessions|checkout\/sessions|\w+)(?:\/(\w+))?(?:\/(\w+))?$/.exec(path) ?? [];
  const reading = method === 'GET';
  switch (kind) {
    case 'customers':
      return customers(books, request, id);
    case 'products':
      if (reading) return id === undefined ? page(books.all('product'), query) : books.get('product', id);
      return books.add('prod', 'product', {
        name: textOf(body, 'name'),
        active: true,
        metadata: metadataOf(body),
      });
    case 'prices':
      if (reading && id !== undefined) return books.get('price', id);
      return reading
        ? page(
            books.all('price', (price) => wanted(price, query)),
            query,
          )
        : addPrice(books, body, id);
    case 'checkout/sessions':
      if (!reading && id === undefined) return addSession(books, body, origin);
      if (id === undefined) {
        const intent = textOf(query, 'payment_intent');
        return page(
          books.all('checkout.session', (one) => one.payment_intent === intent),
          query,
        );
      }
      return act === 'expire' ? expire(books, id) : books.get('checkout.session', id);
    case 'billing_portal/sessions': {
      const customer = books.get('customer', textOf(body, 'customer') ?? '');
      const session = books.add('bps', 'billing_portal.session', {
        customer: customer.id,
        return_url: textOf(body, 'return_url'),
      });
      session.url = `${origin}/portal/${session.id}`;
      return session;
    }
    case 'subscriptions':
      return subscriptions(books, request, id);
    case 'invoices':
      if (id === undefined)
        return page(
          books.all('invoice', (one) => one.customer === textOf(query, 'customer')),
          query,
        );
      return act === 'lines' ? books.get('invoice', id).lines : books.get('invoice', id);
    case 'invoice_payments': {
      const intent = textOf(fieldsOf(query, 'payment'), 'payment_intent');
      const invoice = textOf(query, 'invoice');
      return page(
        books.all('invoice_payment', (one) =>
          invoice === undefined
            ? (one.payment as Record<string, unknown>).payment_intent === intent
            : one.invoice === invoice,
        ),
        query,
      );
    }
    case 'payment_methods':
      return page(
        books.all('payment_method', ({ customer }) => customer === textOf(query, 'customer')),
        query,
      );
    case 'payment_intents':
      if (id === undefined && reading)
        return page(
          books.all('payment_intent', ({ customer }) => customer === textOf(query, 'customer')),
          query,
        );
      if (act === 'cancel')
        return Object.assign(books.get('payment_intent', id ?? ''), { status: 'canceled' });
      if (id === undefined) return charge(books, body);
      return listOf(query, 'expand').includes('latest_charge')
        ? withCharge(books, books.get('payment_intent', id))
        : books.get('payment_intent', id);
    case 'refunds':
    case 'disputes':
      if (!reading) return refund(books, textOf(body, 'payment_intent') ?? '', numberOf(body, 'amount'));
      return page(
        books.all(kind.slice(0, -1), (one) => one.payment_intent === textOf(query, 'payment_intent')),
        query,
      );
    case 'events':
      return page(
        books.all(
          'event',
          ({ created }) => created >= (numberOf(fieldsOf(query, 'created') ?? {}, 'gte') ?? 0),
        ),
        query,
      );
    default:
      throw new Refusal(404, 'invalid_request_error', `Unrecognized request URL (${method}: ${path}).`);
  }
}

function page(things: readonly Thing[], query: Fields): object {
  const after = textOf(query, 'starting_after');
  const limit = numberOf(query, 'limit') ?? 10;
  const rest = after === undefined ? things : things.slice(things.findIndex(({ id }) => id === after) + 1);
  return { object: 'list', url: '/v1', has_more: rest.length > limit, data: rest.slice(0, limit) };
}

function numberOf(fields: Fields, name: string): number | undefined {
  const text = textOf(fields, name);
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text))
    throw new Refusal(400, 'invalid_request_error', `Invalid integer: ${text}`, { param: name });
  return Number(text);
}

function customers(books: Books, { method, body, path }: Request, id: string | undefined): Thing {
  if (id === undefined) {
    const made = books.add('cus', 'customer', {
      metadata: metadataOf(body),
      email: textOf(body, 'email') ?? null,
    });
    books.emit('customer.created', made);
    return made;
  }
  const found = books.get('customer', id);
  if (method === 'DELETE' && path.endsWith(id)) {
    for (const one of books.all('subscription', ({ customer }) => customer === id)) cancel(books, one);
    found.deleted = true;
    books.emit('customer.deleted', found);
  }
  return found;
}

function wanted(price: Thing, query: Fields): boolean {
  const keys = listOf(query, 'lookup_keys');
  return price.active === true && (keys.length === 0 || keys.includes(String(price.lookup_key)));
}

function addPrice(books: Books, body: Fields, id: string | undefined): Thing {
  if (id !== undefined) {
    const found = books.get('price', id);
    if (textOf(body, 'active') !== undefined) found.active = textOf(body, 'active') === 'true';
    return found;
  }
  const key = textOf(body, 'lookup_key') ?? null;
  if (textOf(body, 'transfer_lookup_key') === 'true')
    for (const other of books.all('price', ({ lookup_key }) => lookup_key === key)) other.lookup_key = null;
  const recurring = fieldsOf(body, 'recurring');
  return books.add('price', 'price', {
    product: textOf(body, 'product'),
    currency: textOf(body, 'currency'),
    unit_amount: numberOf(body, 'unit_amount'),
    lookup_key: key,
    active: true,
    recurring: recurring === undefined ? null : { interval: textOf(recurring, 'interval') },
    metadata: metadataOf(body),
  });
}

function lineOf(books: Books, line: Field | undefined): { price: Thing; quantity: number; name: string } {
  const fields = typeof line === 'object' ? line : {};
  const data = fieldsOf(fields, 'price_data');
  const price =
    data === undefined
      ? books.get('price', textOf(fields, 'price') ?? '')
      : books.add('price', 'price', {
          currency: textOf(data, 'currency'),
          unit_amount: numberOf(data, 'unit_amount'),
          active: true,
        });
  const product = books.things.get(String(price.product));
  const name = textOf(fieldsOf(data, 'product_data'), 'name') ?? String(product?.name ?? 'Purchase');
  return { price, quantity: numberOf(fields, 'quantity') ?? 1, name };
}

function addSession(books: Books, body: Fields, origin: string): Thing {
  const { price, quantity, name } = lineOf(books, listOf(body, 'line_items')[0]);
  const amount = Number(price.unit_amount) * quantity;
  const taxed = textOf(fieldsOf(body, 'automatic_tax'), 'enabled') === 'true';
  const tax = taxed ? taxOn(amount) : 0;
  const customer = books.get('customer', textOf(body, 'customer') ?? '');
  if (customer.deleted === true)
    throw new Refusal(400, 'invalid_request_error', `No such customer: '${customer.id}'`, {
      code: 'resource_missing',
      param: 'customer',
    });
  const session = books.add('cs', 'checkout.session', {
    mode: textOf(body, 'mode'),
    status: 'open',
    payment_status: 'unpaid',
    currency: price.currency,
    amount_subtotal: amount,
    amount_total: amount + tax,
    automatic_tax: { enabled: taxed },
    total_details: { amount_tax: tax, amount_discount: 0, amount_shipping: 0 },
    customer: customer.id,
    payment_intent: null,
    subscription: null,
    invoice: null,
    metadata: metadataOf(body),
    saves_card:
      textOf(body, 'mode') === 'subscription' ||
      textOf(fieldsOf(body, 'payment_intent_data'), 'setup_future_usage') === 'off_session',
    success_url: textOf(body, 'success_url'),
    cancel_url: textOf(body, 'cancel_url'),
    expires_at: books.now() + 24 * 60 * 60,
    shown: { price: price.id, quantity, name },
  });
  session.url = `${origin}/pay/${session.id}`;
  return session;
}

function expire(books: Books, id: string): Thing {
  const session = books.get('checkout.session', id);
  if (session.status !== 'open')
    throw new Refusal(400, 'invalid_request_error', 'Only open Checkout Sessions can be expired.');
  session.status = 'expired';
  books.emit('checkout.session.expired', session);
  return session;
}

function subscriptions(books: Books, { method, query, body }: Request, id: string | undefined): unknown {
  if (id === undefined)
    return page(
      books.all('subscription', ({ customer }) => customer === textOf(query, 'customer')),
      query,
    );
  const found = books.get('subscription', id);
  if (method === 'DELETE') cancel(books, found);
  else if (method === 'POST') {
    const [item] = listOf(body, 'items');
    if (typeof item === 'object') {
      const before = itemOf(found);
      const price = textOf(item, 'price');
      change(
        books,
        found,
        {
          price: price === undefined ? before.price : books.get('price', price),
          quantity: numberOf(item, 'quantity') ?? before.quantity,
        },
        {
          invoicesNow: textOf(body, 'proration_behavior') === 'always_invoice',
          mustBePaid: textOf(body, 'payment_behavior') === 'error_if_incomplete',
        },
      );
    }
    const ends = textOf(body, 'cancel_at_period_end');
    if (ends !== undefined) {
      found.cancel_at_period_end = ends === 'true';
      books.emit('customer.subscription.updated', found);
    }
  }
  return found;
}

function withCharge(books: Books, intent: Thing): object {
  const charge = intent.latest_charge;
  return { ...intent, latest_charge: charge === null ? null : books.get('charge', String(charge)) };
}

function charge(books: Books, body: Fields): Thing {
  const customer = textOf(body, 'customer') ?? '';
  const refused = books.get('customer', customer).card_refused === true;
  const fields = {
    amount: numberOf(body, 'amount'),
    currency: textOf(body, 'currency'),
    customer,
    metadata: metadataOf(body),
  };
  const intent = pay(books, fields, refused);
  if (refused)
    throw new Refusal(402, 'card_error', 'Your card was declined.', {
      code: 'card_declined',
      payment_intent: intent,
    });
  return intent;
}
