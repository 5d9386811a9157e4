import type { Place } from './place.ts';

/** What is known of a person's earlier sign-ins. */
export interface Familiar {
  /** How many sign-ins there were; none: there is nothing to compare with. */
  readonly signIns: number;
  readonly fingerprints: ReadonlySet<string>;
  readonly countries: ReadonlySet<string>;
  /** Attempts that failed in the last day. */
  readonly failures: number;
}

export interface Risk {
  /** 0: as always; 100: nothing about it is familiar. */
  readonly score: number;
  /** Why more than the password is asked for; null when it is not. */
  readonly ask: 'new_country' | 'new_device' | null;
}

/** From this score on a second factor is asked for. */
export const ASK_FROM = 50;

const NEW_DEVICE = 50;
const NEW_COUNTRY = 60;
const PER_FAILURE = 4;
const MOST_FOR_FAILURES = 20;

/**
 * How unusual a sign-in is. A new device or a new country is enough to ask for more; failures alone are not, or anybody could make the account's
 * person type codes. A country that the edge does not know says nothing. Pure.
 */
export function riskOf(place: Pick<Place, 'fingerprint' | 'country'>, familiar: Familiar): Risk {
  const failures = Math.min(MOST_FOR_FAILURES, familiar.failures * PER_FAILURE);
  if (familiar.signIns === 0) return { score: failures, ask: null };
  const newDevice = !familiar.fingerprints.has(place.fingerprint);
  const newCountry =
    place.country !== null && familiar.countries.size > 0 && !familiar.countries.has(place.country);
  const score = Math.min(100, failures + (newDevice ? NEW_DEVICE : 0) + (newCountry ? NEW_COUNTRY : 0));
  if (!newDevice && !newCountry) return { score, ask: null };
  return { score, ask: newCountry ? 'new_country' : 'new_device' };
}
