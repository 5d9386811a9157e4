import type { Tier } from '../../contracts/models.ts';
import type { Model } from './model.ts';
import { inOrderOfStanding, isWellKnown } from './preference.ts';
import { blendedPrice, makerOf } from './traits.ts';

/** Everything here is pure: `available` are the models of the deployment's usable providers. */

/** The tiers that a trio has when all are there, in the order in which it is shown. */
const TRIO_TIERS: readonly Tier[] = ['normal', 'premium', 'eco'];

/**
 * The models that may be taken without being named: chat, neither hidden nor deprecated. Stand-ins of the local server only where
 * there is nothing else, for nobody wants one beside a real answer; Azure's likewise, for which of them is deployed, and under which name,
 * is known to its owner alone.
 */
export function candidates(available: readonly Model[]): Model[] {
  const fit = available.filter((model) => model.category === 'chat' && !model.hidden && !model.deprecated);
  const real = fit.filter(({ provider }) => provider !== 'local' && provider !== 'azure');
  if (real.length > 0) return real;
  const azure = fit.filter(({ provider }) => provider === 'azure');
  return azure.length > 0 ? azure : fit;
}

/**
 * Up to three models that differ as much as the deployment allows: by provider before maker, by maker before tier; then the tier
 * whose turn it is, then standing. With only the local server: swift, sage, scribe.
 */
export function defaultTrio(available: readonly Model[]): Model[] {
  const pool = inOrderOfStanding(candidates(available));
  const trio: Model[] = [];
  for (const tier of TRIO_TIERS) {
    const [best] = pool
      .filter((model) => !trio.includes(model))
      .map((model) => ({ model, novelty: noveltyOf(model, trio, tier) }))
      // A stable sort: among equally new models the first in standing stays first.
      .sort((a, b) => b.novelty - a.novelty);
    if (best !== undefined) trio.push(best.model);
  }
  return trio;
}

function noveltyOf(model: Model, chosen: readonly Model[], tier: Tier): number {
  const maker = makerOf(model.provider, model.upstreamName);
  const newProvider = chosen.every(({ provider }) => provider !== model.provider);
  const newMaker = chosen.every((other) => makerOf(other.provider, other.upstreamName) !== maker);
  const newTier = chosen.every((other) => other.tier !== model.tier);
  return (
    (newProvider ? 16 : 0) +
    (isWellKnown(model) ? 8 : 0) +
    (newMaker ? 4 : 0) +
    (newTier ? 2 : 0) +
    (model.tier === tier ? 1 : 0)
  );
}

const MERGE_TIERS: readonly Tier[] = ['normal', 'premium', 'eco'];

/**
 * The model that merges when none is named: it must answer to a schema; everyday before premium before cheap, then standing. The local
 * server's careful voice, sage, merges where there is nothing else. Undefined when no model can.
 */
export function mergeModel(available: readonly Model[]): Model | undefined {
  const pool = candidates(available);
  const sage = pool.find(({ id }) => id === 'local/sage');
  if (sage !== undefined) return sage;
  const able = pool.filter(({ capabilities }) => capabilities.includes('structured_output'));
  return firstByTier(able.length > 0 ? able : pool, MERGE_TIERS);
}

/** Names that stand for whatever serves a purpose best on this deployment. */
export const PURPOSES = ['best', 'fast', 'cheap'] as const;
export type Purpose = (typeof PURPOSES)[number];

/**
 * - `best`: premium, then normal, then eco, by standing.
 * - `fast`: eco, then normal, then premium, by standing; with only the local server swift, which is its quick one.
 * - `cheap`: the lowest price of three parts input and one part output among well-known families (among all where none is well known), then standing.
 *   Offers that are free for a trial (`:free`) do not count, since they are cut off without notice.
 */
export function modelFor(purpose: Purpose, available: readonly Model[]): Model | undefined {
  const pool = candidates(available);
  switch (purpose) {
    case 'best':
      return firstByTier(pool, ['premium', 'normal', 'eco']);
    case 'fast':
      return pool.find(({ id }) => id === 'local/swift') ?? firstByTier(pool, ['eco', 'normal', 'premium']);
    case 'cheap':
      return cheapest(pool);
  }
}

function firstByTier(models: readonly Model[], tiers: readonly Tier[]): Model | undefined {
  const ordered = inOrderOfStanding(models);
  // A family that everyone knows in the next tier goes before an unknown one in this.
  for (const known of [true, false]) {
    for (const tier of tiers) {
      const first = ordered.find((model) => model.tier === tier && isWellKnown(model) === known);
      if (first !== undefined) return first;
    }
  }
  return undefined;
}

function cheapest(models: readonly Model[]): Model | undefined {
  const lasting = models.filter(({ upstreamName }) => !upstreamName.endsWith(':free'));
  const known = lasting.filter(isWellKnown);
  const ordered = inOrderOfStanding(known.length > 0 ? known : lasting);
  const price = (model: Model) => blendedPrice(model.prices) ?? Number.POSITIVE_INFINITY;
  let best: Model | undefined;
  for (const model of ordered) if (best === undefined || price(model) < price(best)) best = model;
  return best;
}
