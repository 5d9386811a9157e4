import type { OfferSort, ProviderPreferences } from '../../contracts/routing.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { pricePerMillion } from '../../platform/money.ts';
import { type Model, pricesAt } from '../catalog/index.ts';
import { providerById } from '../providers/index.ts';
import { type Demand, lacks } from './ability.ts';
import { providerIds } from './provider-slugs.ts';

/** Provider preferences as they are applied: providers by our ids, everything there. */
export interface Preferences {
  readonly order: readonly string[];
  /** Null: any. */
  readonly only: ReadonlySet<string> | null;
  readonly ignore: ReadonlySet<string>;
  readonly allowFallbacks: boolean;
  readonly requireParameters: boolean;
  readonly denyTraining: boolean;
  readonly sort: { readonly by: OfferSort; readonly acrossModels: boolean } | null;
  /** Dollars per million tokens, and per request. */
  readonly maxPrice: {
    readonly prompt?: number;
    readonly completion?: number;
    readonly request?: number;
  } | null;
}

/** Reads what a request asks of providers. Throws `ParallaxError` `invalid_parameter` that names the field, for providers that nobody knows and for what cannot be kept. */
export function readPreferences(given: ProviderPreferences): Preferences {
  if (given.zdr === true) {
    throw cannotKeep(
      'zdr',
      'Parallax does not know which providers keep nothing of a request. Name those that you have agreed it with in `provider.only`.',
    );
  }
  if (given.quantizations != null && given.quantizations.length > 0) {
    throw cannotKeep(
      'quantizations',
      'Parallax does not know in which precision a provider runs its models. Name providers in `provider.only`.',
    );
  }
  const sort = typeof given.sort === 'string' ? { by: given.sort } : given.sort;
  const { prompt, completion, request } = given.max_price ?? {};
  return {
    order: providerIds(given.order ?? [], 'provider.order'),
    only: given.only == null ? null : new Set(providerIds(given.only, 'provider.only')),
    ignore: new Set(providerIds(given.ignore ?? [], 'provider.ignore')),
    allowFallbacks: given.allow_fallbacks ?? true,
    requireParameters: given.require_parameters ?? false,
    denyTraining: given.data_collection === 'deny',
    sort: sort == null ? null : { by: sort.by, acrossModels: sort.partition === 'none' },
    maxPrice:
      given.max_price == null
        ? null
        : {
            ...(prompt == null ? {} : { prompt }),
            ...(completion == null ? {} : { completion }),
            ...(request == null ? {} : { request }),
          },
  };
}

function cannotKeep(field: string, sentence: string): ParallaxError {
  return new ParallaxError('invalid_parameter', `\`provider.${field}\`: ${sentence}`, {
    param: `provider.${field}`,
  });
}

/** One thing that preferences ask of an offer. */
interface Condition {
  readonly field: string;
  /** What is said of the offers when none meets it. */
  readonly none: (offers: readonly Model[]) => string;
  readonly met: (offer: Model) => boolean;
}

function conditionsOf(preferences: Preferences, demand: Demand): Condition[] {
  const { only, ignore, order, allowFallbacks, denyTraining, requireParameters, maxPrice } = preferences;
  const conditions: Condition[] = [];
  if (only !== null)
    conditions.push({
      field: 'only',
      none: (offers) => `it is offered by ${providersOf(offers)} alone`,
      met: ({ provider }) => only.has(provider),
    });
  if (ignore.size > 0)
    conditions.push({
      field: 'ignore',
      none: (offers) => `it is offered by ${providersOf(offers)} alone`,
      met: ({ provider }) => !ignore.has(provider),
    });
  if (order.length > 0 && !allowFallbacks)
    conditions.push({
      field: 'order',
      none: (offers) => `it is offered by ${providersOf(offers)}, and \`allow_fallbacks\` is false`,
      met: ({ provider }) => order.includes(provider),
    });
  if (denyTraining)
    conditions.push({
      field: 'data_collection',
      none: (offers) => `${providersOf(offers)} may train on inputs, or does not say that it does not`,
      met: ({ provider }) => providerById(provider)?.trainsOnInputs === 'no',
    });
  if (maxPrice !== null)
    conditions.push({
      field: 'max_price',
      none: () => 'every offer costs more, or its price is not known',
      met: (offer) => isWithin(offer, maxPrice, demand.inputTokens),
    });
  if (requireParameters)
    conditions.push({
      field: 'require_parameters',
      none: (offers) => `no offer ${offers.flatMap((offer) => lacks(offer, demand))[0] ?? 'does all of it'}`,
      met: (offer) => lacks(offer, demand).length === 0,
    });
  return conditions;
}

/** The offers that preferences leave, and which preference took the last one away; `removedBy` is null while any is left. */
export interface Narrowed {
  readonly offers: readonly Model[];
  readonly removedBy: { readonly field: string; readonly why: string } | null;
}

export function narrow(offers: readonly Model[], preferences: Preferences, demand: Demand): Narrowed {
  let left = [...offers];
  for (const { field, none, met } of conditionsOf(preferences, demand)) {
    const kept = left.filter(met);
    if (kept.length === 0 && left.length > 0) return { offers: [], removedBy: { field, why: none(left) } };
    left = kept;
  }
  return { offers: left, removedBy: null };
}

/** The error when preferences leave nothing of `what` (a model's name, or "any model"). */
export function nothingLeft(what: string, removedBy: NonNullable<Narrowed['removedBy']>): ParallaxError {
  const param = `provider.${removedBy.field}`;
  return new ParallaxError(
    'invalid_parameter',
    `\`${param}\` leaves no offer of ${what}: ${removedBy.why}.`,
    {
      param,
    },
  );
}

/** What an offer is sorted by. Null where it is not known, which comes last. */
export interface OfferFigures {
  readonly costNano: number | null;
  readonly firstTokenMs: number;
  readonly msPerToken: number;
}

/**
 * Offers in the order in which they are tried: those of `order` first, in its order; then as `sort` says; equal ones stay as they
 * were. Without either nothing moves. Without fallbacks the first alone is left, unless `order` says itself who may serve.
 */
export function arrange(
  offers: readonly Model[],
  preferences: Preferences,
  figures: (offer: Model) => OfferFigures,
): Model[] {
  const { order, sort, allowFallbacks } = preferences;
  const place = ({ provider }: Model) => {
    const index = order.indexOf(provider);
    return index === -1 ? order.length : index;
  };
  const key = (offer: Model) => (sort === null ? 0 : sortKey(figures(offer), sort.by));
  const arranged = offers
    .map((offer) => ({ offer, place: place(offer), key: key(offer) }))
    .sort((a, b) => a.place - b.place || a.key - b.key)
    .map(({ offer }) => offer);
  return allowFallbacks || order.length > 0 ? arranged : arranged.slice(0, 1);
}

function sortKey({ costNano, firstTokenMs, msPerToken }: OfferFigures, by: OfferSort): number {
  switch (by) {
    case 'price':
      // Beyond any price, and still a number that can be subtracted.
      return costNano ?? Number.MAX_SAFE_INTEGER;
    case 'latency':
      return firstTokenMs;
    case 'throughput':
      return msPerToken;
  }
}

/** Whether what a call of this size is charged at stays within the bounds; a price that is not known never does. */
function isWithin(
  { prices }: Model,
  { prompt, completion, request }: NonNullable<Preferences['maxPrice']>,
  inputTokens: number,
): boolean {
  if (prices === null) return false;
  const now = pricesAt(prices, inputTokens);
  const within = (price: number | undefined, bound: number | undefined) =>
    bound === undefined || (price !== undefined && price <= pricePerMillion(bound));
  // A fee a call is kept as for a million calls, as tokens are.
  const fee = (now.request ?? 0) / 1e6;
  return (
    within(now.input, prompt) &&
    within(now.output, completion) &&
    (request === undefined || fee <= pricePerMillion(request))
  );
}

function providersOf(offers: readonly Model[]): string {
  const names = [...new Set(offers.map(({ provider }) => provider))].slice(0, 5);
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
