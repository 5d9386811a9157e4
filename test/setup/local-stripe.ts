import type { TestProject } from 'vitest/node';
import { syncStripe } from '../../scripts/stripe-sync.ts';
import { createLocalStripe } from '../local-stripe/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    localStripeUrl: string;
  }
}

/** One local Stripe for the tests of billing, with plans and packs on sale. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stripe = await createLocalStripe({ webhookSecret: 'whsec_test' });
  await syncStripe({ key: 'sk_test_local', apiUrl: stripe.url, write: true });
  project.provide('localStripeUrl', stripe.url);
  return () => stripe.close();
}
