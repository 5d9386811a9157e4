import { NANO_PER_USD } from '../../platform/money.ts';

/** Nano-dollars in one cent. */
export const NANO_PER_CENT = NANO_PER_USD / 100;

/** Whole cents as nano-dollars. Throws `RangeError` for what is no whole count of cents, below 0, or beyond what can be counted exactly. */
export function nanoOfCents(cents: number): number {
  const amount = cents * NANO_PER_CENT;
  if (!Number.isSafeInteger(cents) || cents < 0 || !Number.isSafeInteger(amount))
    throw new RangeError(`not a whole amount of cents: ${cents}`);
  return amount;
}

/** Nano-dollars as cents. Throws `RangeError` where cents would be broken: money is never rounded on its way out. */
export function centsOfNano(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount < 0 || amount % NANO_PER_CENT !== 0)
    throw new RangeError(`not a whole count of cents: ${amount} nano-dollars`);
  return amount / NANO_PER_CENT;
}

/** `whole × part / of`, exactly, rounded down. `of` must be above 0. */
export function share(whole: number, part: number, of: number): number {
  return Number((BigInt(whole) * BigInt(part)) / BigInt(of));
}
