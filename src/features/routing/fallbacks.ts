import type { Scored } from './score.ts';

/** Models that a choice of the router's own brings along for when the first fails. */
export const MAX_FALLBACKS = 3;

/**
 * The next best after the first choice, those of providers that are not among the targets yet before others: an outage takes a provider, not a
 * model. `ranked` is best first and may hold the first choice.
 */
export function fallbacksFor(first: Scored, ranked: readonly Scored[]): Scored[] {
  const taken = [first];
  const left = ranked.filter(({ model }) => model.id !== first.model.id);
  while (taken.length <= MAX_FALLBACKS && left.length > 0) {
    const elsewhere = left.findIndex(({ model }) =>
      taken.every((one) => one.model.provider !== model.provider),
    );
    taken.push(...left.splice(Math.max(0, elsewhere), 1));
  }
  return taken.slice(1);
}
