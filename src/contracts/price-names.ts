import type { SoldPlan } from './billing.ts';

/** Names of prices at Stripe (`lookup_key`): `npm run stripe:sync` makes them, checkout finds them. */
export const planKey = (plan: SoldPlan): string => `parallax_${plan}_monthly`;
export const packKey = (pack: string): string => `parallax_${pack}`;
