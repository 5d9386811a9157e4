import type { SoldPlan } from '../../contracts/billing.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { askStripe, type Stripe } from './stripe.ts';

/** Names of prices at Stripe, as `npm run stripe:sync` makes them. */
export const planKey = (plan: SoldPlan): string => `parallax_${plan}_monthly`;
export const packKey = (pack: string): string => `parallax_${pack}`;

/** The price with a name. Throws `billing_unavailable` when the sync was never run. */
export async function priceNamed(stripe: Stripe, key: string): Promise<Stripe.Price> {
  const [price] = (await askStripe(() => stripe.prices.list({ lookup_keys: [key], active: true, limit: 1 }))).data;
  if (price !== undefined) return price;
  throw new ParallaxError(
    'billing_unavailable',
    `This cannot be bought yet: its price is not at Stripe. The operator runs \`npm run stripe:sync\`.`,
    { details: { lookup_key: key } },
  );
}
