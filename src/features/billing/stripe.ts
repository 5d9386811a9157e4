import type { Stripe } from 'stripe';
import type { Config, StripeSettings } from '../../platform/config.ts';
import { ParallaxError } from '../../platform/errors.ts';

export type { Stripe };

const clients = new WeakMap<object, Promise<Stripe>>();
const TIMEOUT_MS = 20_000;

/** The settings of Stripe. Throws `ParallaxError` `billing_unavailable` where there are none. */
export function requireStripe(config: Pick<Config, 'stripe'>): StripeSettings {
  if (config.stripe !== undefined) return config.stripe;
  throw new ParallaxError(
    'billing_unavailable',
    'This deployment takes no payments: its operator has not set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.',
  );
}

/** The SDK's module is large: it is loaded when somebody pays. */
export const loadStripe = async () => (await import('stripe')).Stripe;

/** Stripe's client for these settings. */
export function stripeFor(config: Pick<Config, 'stripe'>): Promise<Stripe> {
  const settings = requireStripe(config);
  let client = clients.get(settings);
  if (client === undefined) {
    client = connect(settings);
    clients.set(settings, client);
  }
  return client;
}

async function connect({ secretKey, apiUrl }: StripeSettings): Promise<Stripe> {
  const StripeClient = await loadStripe();
  const url = apiUrl === undefined ? null : new URL(apiUrl);
  return new StripeClient(secretKey, {
    httpClient: StripeClient.createFetchHttpClient(),
    maxNetworkRetries: 2,
    timeout: TIMEOUT_MS,
    telemetry: false,
    ...(url === null
      ? {}
      : {
          host: url.hostname,
          protocol: url.protocol === 'http:' ? 'http' : 'https',
          ...(url.port === '' ? {} : { port: url.port }),
        }),
  });
}

/** What a request that a person waits for asks of Stripe; its refusals are told in our words. */
export async function askStripe<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw refusalOf(error);
  }
}

function refusalOf(error: unknown): unknown {
  const { type, code } = (error ?? {}) as { readonly type?: string; readonly code?: string };
  if (typeof type !== 'string' || !type.startsWith('Stripe')) return error;
  if (type === 'StripeCardError')
    return new ParallaxError(
      'payment_refused',
      'The bank refused the payment, and nothing was changed. Pay with another card, or ask your bank.',
      { cause: error, details: code === undefined ? {} : { reason: code } },
    );
  if (type === 'StripeIdempotencyError')
    return new ParallaxError('idempotency_mismatch', 'This Idempotency-Key was used for another purchase.', {
      cause: error,
    });
  if (type === 'StripeConnectionError' || type === 'StripeAPIError' || type === 'StripeRateLimitError')
    return new ParallaxError('unavailable', 'Stripe cannot be reached at the moment. Please try again.', {
      retryAfterMs: 2_000,
      cause: error,
    });
  return error;
}

/** Whether Stripe says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return (error as { readonly code?: string } | null)?.code === 'resource_missing';
}
