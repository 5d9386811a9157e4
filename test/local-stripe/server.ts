/** A Stripe for one machine: the part of its API, its pages and its webhooks that Parallax uses. No money moves. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { answerApi, type Request } from './api.ts';
import { Books, Refusal, type StripeEvent } from './books.ts';
import { type Fields, readForm, textOf } from './form.ts';
import { cancel, closeDispute, dispute, failRefund, payOpenInvoice, refund, renew } from './money.ts';
import { checkoutPage, complete, portalPage } from './pages.ts';

export interface LocalStripeOptions {
  readonly port?: number;
  readonly webhookSecret: string;
}

export interface LocalStripe {
  readonly url: string;
  readonly books: Books;
  /** Sends every event from now on to an address, again until it is taken. */
  deliverTo(address: string): void;
  close(): Promise<void>;
}

const RETRY_MS = [200, 1_000, 5_000, 15_000];
const MOST_BYTES = 1_000_000;

export async function createLocalStripe({
  port = 0,
  webhookSecret,
}: LocalStripeOptions): Promise<LocalStripe> {
  const books = new Books(webhookSecret);
  /** What was answered under an idempotency key, and what for. */
  const answered = new Map<string, { request: string; status: number; body: string }>();
  let closed = false;

  const handle = async (request: IncomingMessage, response: ServerResponse, origin: string) => {
    const url = new URL(request.url ?? '/', origin);
    const text = await bodyOf(request);
    const method = request.method ?? 'GET';
    const [, place = '', id = ''] = url.pathname.split('/');
    if (place === 'pay' || place === 'portal') {
      const form = method === 'POST' ? readForm(text) : null;
      const shown = place === 'pay' ? checkoutPage(books, id, form) : portalPage(books, id, form);
      if ('location' in shown) response.writeHead(303, { location: shown.location }).end();
      else response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(shown.html);
      return;
    }
    if (place === 'test') return json(response, 200, control(books, id, readForm(text)));
    const key = request.headers['idempotency-key'];
    const asked = `${method} ${url.pathname} ${text}`;
    const before = typeof key === 'string' && method === 'POST' ? answered.get(key) : undefined;
    if (before !== undefined) {
      if (before.request !== asked)
        throw new Refusal(
          400,
          'idempotency_error',
          'Keys for idempotent requests can only be used with the same parameters.',
        );
      response.writeHead(before.status, { 'content-type': 'application/json' }).end(before.body);
      return;
    }
    if (!/^Bearer sk_/.test(request.headers.authorization ?? ''))
      throw new Refusal(401, 'invalid_request_error', 'You did not provide an API key.');
    const parts = {
      method,
      path: url.pathname,
      query: readForm(url.search.slice(1)),
      body: readForm(text),
      origin,
    };
    const { status, body } = answerOf(books, parts);
    if (typeof key === 'string' && method === 'POST') answered.set(key, { request: asked, status, body });
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };

  const server = createServer((request, response) => {
    handle(request, response, `http://${request.headers.host}`).catch((error: unknown) => {
      if (error instanceof Refusal) return json(response, error.status, error.body);
      console.error(error);
      return json(response, 500, {
        error: { type: 'api_error', message: 'The local Stripe made a mistake.' },
      });
    });
  });
  server.listen({ port, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');

  const deliver = async (to: string, event: StripeEvent): Promise<void> => {
    const body = JSON.stringify(event);
    for (const waitMs of [0, ...RETRY_MS]) {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (closed) return;
      const headers = { 'content-type': 'application/json', 'stripe-signature': books.sign(body) };
      const taken = await fetch(to, { method: 'POST', body, headers }).then(
        ({ ok }) => ok,
        () => false, // Nobody there yet: it is sent again.
      );
      if (taken) return;
    }
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    books,
    deliverTo: (to) => {
      books.onEvent = (event) => void deliver(to, event);
    },
    close: async () => {
      closed = true;
      const ended = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await ended;
    },
  };
}

/** An answer, or a bank's refusal, which Stripe keeps under the idempotency key as well. Throws other refusals. */
function answerOf(books: Books, parts: Request): { status: number; body: string } {
  try {
    return { status: 200, body: JSON.stringify(answerApi(books, parts)) };
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 402) throw error;
    return { status: 402, body: JSON.stringify(error.body) };
  }
}

/** What a test does that no customer can do over the API. Names are in the README. */
function control(books: Books, act: string, form: Fields): unknown {
  const id = textOf(form, 'id') ?? '';
  const amount = textOf(form, 'amount') === undefined ? undefined : Number(textOf(form, 'amount'));
  switch (act) {
    case 'pay': {
      const session = books.get('checkout.session', id);
      const { price, quantity } = session.shown as { price: string; quantity: number };
      if (textOf(form, 'card') !== undefined)
        books.get('customer', String(session.customer)).card = textOf(form, 'card');
      if (textOf(form, 'currency') !== undefined) session.currency = textOf(form, 'currency');
      complete(books, session, books.get('price', price), quantity);
      return session;
    }
    case 'refund':
      return refund(books, id, amount, textOf(form, 'force') === 'true');
    case 'fail-refund':
      return failRefund(books, id);
    case 'delete-customer': {
      const customer = books.get('customer', id);
      for (const one of books.all('subscription', (some) => some.customer === id)) cancel(books, one);
      customer.deleted = true;
      books.emit('customer.deleted', customer);
      return customer;
    }
    case 'dispute':
      return dispute(books, id, amount);
    case 'close-dispute':
      return closeDispute(books, id, textOf(form, 'status') === 'won' ? 'won' : 'lost');
    case 'card': {
      const thing = books.things.get(id);
      if (thing !== undefined) thing.card_refused = textOf(form, 'refused') === 'true';
      return thing ?? null;
    }
    case 'pay-open':
      payOpenInvoice(books, books.get('subscription', id));
      return null;
    case 'advance':
      books.advance(Number(textOf(form, 'seconds')));
      renew(books);
      return { now: books.now() };
    case 'emit':
      books.emit(textOf(form, 'type') ?? '', { id: 'thing_1', object: 'thing', created: books.now() });
      return null;
    case 'events': {
      const customer = textOf(form, 'customer');
      return books.events
        .filter(
          ({ data: { object } }) =>
            object.customer === customer || object.id === customer || belongs(books, object, customer),
        )
        .map((event) => {
          const body = JSON.stringify(event);
          const at = textOf(form, 'at');
          return {
            id: event.id,
            type: event.type,
            body,
            signature: books.sign(body, at === undefined ? undefined : Number(at)),
          };
        });
    }
    case 'sign':
      return { signature: books.sign(textOf(form, 'body') ?? '') };
    default:
      throw new Refusal(404, 'invalid_request_error', `There is no control "${act}".`);
  }
}

/** Refunds and disputes name their payment, and that its customer. */
function belongs(
  books: Books,
  { payment_intent }: Record<string, unknown>,
  customer: string | undefined,
): boolean {
  return books.things.get(String(payment_intent))?.customer === customer;
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MOST_BYTES) throw new Refusal(413, 'invalid_request_error', 'The body is too large.');
  }
  return text;
}
