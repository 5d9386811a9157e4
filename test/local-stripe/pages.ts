import { type Books, Refusal, type Thing } from './books.ts';
import { type Fields, textOf } from './form.ts';
import { cancel, change, itemOf, pay, payOpenInvoice, subscribe } from './money.ts';

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:light-dark(#f5f5f4,#171717);color:light-dark(#1c1917,#f5f5f4)}
main{box-sizing:border-box;width:min(26rem,92vw);padding:2rem;border-radius:14px;background:light-dark(#fff,#262626);box-shadow:0 8px 30px #0002}
h1{font-size:1.1rem;margin:0 0 .25rem}p{margin:.4rem 0}.amount{font-size:2rem;font-weight:600}.note{font-size:.85rem;opacity:.7}
button{font:inherit;width:100%;padding:.7rem;margin-top:.7rem;border-radius:9px;border:1px solid light-dark(#d6d3d1,#525252);background:none;color:inherit;cursor:pointer}
button.main{background:#4f46e5;border-color:#4f46e5;color:#fff}label{display:block;margin-top:.8rem}input,select{font:inherit;width:100%;box-sizing:border-box;padding:.5rem}`;

const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const dollars = (cents: unknown): string => `$${(Number(cents) / 100).toFixed(2)}`;

function html(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title><style>${STYLE}</style><main>${body}
<p class="note">This is the local Stripe: no money moves.</p></main></html>`;
}

/** A page to show, or where the browser goes on. */
export type Shown = { readonly html: string } | { readonly location: string };

/** The hosted checkout page and what its buttons do. */
export function checkoutPage(books: Books, id: string, form: Fields | null): Shown {
  const session = books.get('checkout.session', id);
  const { price, quantity, name } = session.shown as { price: string; quantity: number; name: string };
  if (form !== null && session.status === 'open') {
    if (textOf(form, 'do') === 'cancel') return { location: String(session.cancel_url) };
    if (textOf(form, 'do') === 'decline') {
      if (session.mode === 'payment')
        pay(
          books,
          { amount: session.amount_total, currency: session.currency, customer: session.customer },
          true,
        );
    } else {
      complete(books, session, books.get('price', price), quantity);
      return { location: String(session.success_url).replace('{CHECKOUT_SESSION_ID}', session.id) };
    }
  }
  const declined =
    form !== null && session.status === 'open' ? '<p role="alert">Your card was declined.</p>' : '';
  const buttons = `<form method="post"><button class="main" name="do" value="pay">Pay ${dollars(session.amount_total)}</button>
<button name="do" value="decline">Pay with a card that is declined</button><button name="do" value="cancel">Go back</button></form>`;
  const rest =
    session.status === 'open' ? buttons : `<p>This checkout is ${escaped(String(session.status))}.</p>`;
  return {
    html: html(
      'Checkout',
      `<h1>${escaped(name)}</h1><p class="amount">${dollars(session.amount_total)}</p>
<p class="note">${taxNote(session)}${session.mode === 'subscription' ? 'a month' : 'once'}${quantity > 1 ? `, ${quantity} seats` : ''}</p>${declined}${rest}`,
    ),
  };
}

function taxNote({ total_details }: Thing): string {
  const { amount_tax: tax } = total_details as { amount_tax: number };
  return tax === 0 ? '' : `${dollars(tax)} of it tax, `;
}

/** A checkout that was paid. */
export function complete(books: Books, session: Thing, price: Thing, quantity: number): void {
  if (session.status !== 'open')
    throw new Refusal(400, 'invalid_request_error', 'This checkout is not open.');
  const customer = String(session.customer);
  Object.assign(session, { status: 'complete', payment_status: 'paid' });
  if (session.saves_card === true) books.add('pm', 'payment_method', { type: 'card', customer });
  if (session.mode === 'subscription') {
    const made = subscribe(
      books,
      customer,
      { price, quantity },
      {
        metadata: session.metadata as object,
        taxed: (session.automatic_tax as { enabled: boolean }).enabled,
      },
    );
    Object.assign(session, { subscription: made.id, invoice: made.latest_invoice });
  } else {
    const { amount_total: amount, currency, metadata } = session;
    session.payment_intent = pay(books, { amount, currency, customer, metadata }).id;
  }
  books.emit('checkout.session.completed', session);
}

/** How the portal is set up. */
const AT_ONCE = { invoicesNow: true, mustBePaid: true };

/** The portal: seats, end and payment of a subscription. */
export function portalPage(books: Books, id: string, form: Fields | null): Shown {
  const portal = books.get('billing_portal.session', id);
  const found = books.all(
    'subscription',
    ({ customer, status }) => customer === portal.customer && status !== 'canceled',
  )[0];
  if (form !== null && textOf(form, 'do') === 'back') return { location: String(portal.return_url) };
  if (form !== null && found !== undefined) {
    const seats = Number(textOf(form, 'seats') ?? '0');
    if (textOf(form, 'do') === 'seats' && Number.isInteger(seats) && seats > 0)
      change(books, found, { ...itemOf(found), quantity: seats }, AT_ONCE);
    else if (textOf(form, 'do') === 'plan') {
      const other = books.get('price', textOf(form, 'price') ?? '');
      change(books, found, { price: other, quantity: itemOf(found).quantity }, AT_ONCE);
    } else if (textOf(form, 'do') === 'end') cancel(books, found);
    else if (textOf(form, 'do') === 'end_later') {
      found.cancel_at_period_end = true;
      books.emit('customer.subscription.updated', found);
    } else if (textOf(form, 'do') === 'pay') payOpenInvoice(books, found);
    return { location: `/portal/${id}` };
  }
  if (found === undefined)
    return {
      html: html(
        'Billing',
        '<h1>No subscription</h1><form method="post"><button name="do" value="back">Go back</button></form>',
      ),
    };
  const { price, quantity } = itemOf(found);
  const plans = books
    .all('price', (one) => one.recurring !== null && one.recurring !== undefined && one.active === true)
    .map((one) => {
      const name = String(books.things.get(String(one.product))?.name ?? one.id);
      return `<option value="${one.id}"${one.id === price.id ? ' selected' : ''}>${escaped(name)} ${dollars(one.unit_amount)}</option>`;
    })
    .join('');
  return {
    html: html(
      'Billing',
      `<h1>Your subscription</h1><p>${escaped(String(found.status))}, ${dollars(price.unit_amount)} × ${quantity} a month</p>
<form method="post"><label>Plan <select name="price">${plans}</select></label><button name="do" value="plan">Change plan</button></form>
<form method="post"><label>Seats <input name="seats" type="number" min="1" value="${quantity}"></label><button name="do" value="seats">Change seats</button></form>
<form method="post"><button name="do" value="pay">Pay what is open</button><button name="do" value="end_later">Cancel at the end of the month</button><button name="do" value="end">Cancel now</button><button name="do" value="back">Go back</button></form>`,
    ),
  };
}
