import { ParallaxError } from '../../platform/errors.ts';
import { askStripe, type Stripe } from './stripe.ts';

/** The price with a name. Throws `billing_unavailable` when the sync was never run. */
export async function priceNamed(stripe: Stripe, key: string): Promise<Stripe.Price> {
  const [price] = (await askStripe(() => stripe.prices.list({ lookup_keys: [key], active: true, limit: 1 })))
    .data;
  if (price !== undefined) return price;
  throw new ParallaxError(
    'billing_unavailable',
    `This cannot be bought yet: its price is not at Stripe. The operator runs \`npm run stripe:sync\`.`,
    { details: { lookup_key: key } },
  );
}
