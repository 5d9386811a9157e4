import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stripe } from 'stripe';
import { SOLD_PLANS } from '../src/contracts/billing.ts';
import { CREDIT_PACKS, PLANS } from '../src/contracts/plans.ts';
import { packKey, planKey } from '../src/contracts/price-names.ts';
import { readVars } from './local/vars.ts';

/** What is sold, as Stripe is to have it. */
interface Wanted {
  readonly key: string;
  readonly name: string;
  readonly cents: number;
  readonly monthly: boolean;
  readonly metadata: Record<string, string>;
}

function wanted(): Wanted[] {
  const plans = SOLD_PLANS.map((id) => {
    const { name, priceUsd } = PLANS[id];
    if (priceUsd === null) throw new Error(`the plan ${id} is sold and has no price`);
    return {
      key: planKey(id),
      name: `Parallax ${name}`,
      cents: priceUsd * 100,
      monthly: true,
      metadata: { parallax_plan: id },
    };
  });
  const packs = CREDIT_PACKS.map(({ id, priceUsd }) => ({
    key: packKey(id),
    name: `Parallax credit, $${priceUsd}`,
    cents: priceUsd * 100,
    monthly: false,
    metadata: { parallax_pack: id },
  }));
  return [...plans, ...packs];
}

export interface SyncOptions {
  readonly key: string;
  /** A stand-in's address. */
  readonly apiUrl?: string | undefined;
  /** False: only says what would be done. */
  readonly write: boolean;
}

/**
 * Makes Stripe's products and prices those of the table of plans. A price cannot be changed there: another amount is a new price that takes over the name, and
 * who pays the old one goes on paying it. Run again, it changes nothing. Gives a line for each thing.
 */
export async function syncStripe({ key, apiUrl, write }: SyncOptions): Promise<string[]> {
  const url = apiUrl === undefined ? null : new URL(apiUrl);
  const stripe = new Stripe(
    key,
    url === null
      ? {}
      : { host: url.hostname, port: url.port, protocol: url.protocol === 'http:' ? 'http' : 'https' },
  );
  const lines: string[] = [];
  for (const one of wanted()) {
    const [price] = (await stripe.prices.list({ lookup_keys: [one.key], active: true, limit: 1 })).data;
    const same =
      price?.unit_amount === one.cents &&
      price.currency === 'usd' &&
      (price.recurring !== null) === one.monthly;
    lines.push(
      `${one.key}: ${same ? 'as it should be' : price === undefined ? 'is made' : 'gets a new price'}`,
    );
    if (same || !write) continue;
    const product =
      price === undefined
        ? // A retry that comes after a crash finds the product again.
          await stripe.products.create(
            { name: one.name, metadata: one.metadata },
            { idempotencyKey: `parallax-product-${one.key}` },
          )
        : price.product;
    await stripe.prices.create({
      product: typeof product === 'string' ? product : product.id,
      currency: 'usd',
      unit_amount: one.cents,
      lookup_key: one.key,
      transfer_lookup_key: true,
      metadata: one.metadata,
      ...(one.monthly ? { recurring: { interval: 'month' } } : {}),
    });
  }
  return lines;
}

/** `npm run stripe:sync [-- --dry-run]`. */
async function main(): Promise<void> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const vars = { ...readVars(join(root, '.dev.vars')), ...process.env };
  const key = vars.STRIPE_SECRET_KEY;
  if (key === undefined || key === '')
    throw new Error(
      'Set STRIPE_SECRET_KEY, in .dev.vars or in the environment: it says whose Stripe account is meant.',
    );
  const write = !process.argv.includes('--dry-run');
  for (const line of await syncStripe({ key, apiUrl: vars.STRIPE_API_URL, write })) console.log(line);
  if (!write) console.log('Nothing was changed.');
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
