/**
 * Money: an integer count of nano-dollars (1e-9 USD), held in a `number`. A safe integer reaches 9 million dollars
 * a figure, far beyond any one call; sums over tenants belong in SQL integers, which are 64-bit.
 */
export type Nano = number & { readonly __unit: 'nano-dollars' };

/** Nano-dollars in one dollar. */
export const NANO_PER_USD = 1_000_000_000;

export const ZERO = 0 as Nano;

/** Checks that a number is a whole, safe count of nano-dollars. Throws `RangeError` otherwise. */
export function nano(value: number): Nano {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number of nano-dollars: ${value}`);
  return value as Nano;
}

/** Adds amounts. Throws `RangeError` beyond the safe integers rather than losing a nano-dollar. */
export function sum(...amounts: readonly Nano[]): Nano {
  let total = 0;
  for (const amount of amounts) total += amount;
  return nano(total);
}

/**
 * Dollars as people write them (`20`, `0.015`) to nano-dollars, rounded half away from zero. For settings and requests at the edge only;
 * arithmetic is done on the result. The shortest decimal form of the number is what counts, so 0.1 is exactly 100,000,000.
 */
export function fromUsd(usd: number): Nano {
  if (!Number.isFinite(usd)) throw new RangeError(`not an amount of dollars: ${usd}`);
  return nano(Number(scaleDecimal(usd, 9)));
}

/** Nano-dollars as a JSON number of dollars, for the edge. Never used in arithmetic. */
export function toUsd(amount: Nano): number {
  return amount / NANO_PER_USD;
}

/** An amount in a sentence: `$0.0123`, `$5`; six places at most, and nothing below 0. Pure. */
export function dollarsText(amount: number): string {
  return `$${(Math.max(0, amount) / NANO_PER_USD).toFixed(6).replace(/\.?0+$/, '')}`;
}

/**
 * A price: nano-dollars for a million units, as an integer, so that 3.75 cents a million tokens (37.5 nano-dollars a token) stays exact.
 */
export type NanoPerMillion = number & { readonly __unit: 'nano-dollars per million' };

/** A price given in dollars per million units, as catalogs publish it. Throws `RangeError` when it is negative or not finite. */
export function pricePerMillion(usd: number): NanoPerMillion {
  if (!Number.isFinite(usd) || usd < 0) throw new RangeError(`not a price: ${usd}`);
  const scaled = Number(scaleDecimal(usd, 9));
  if (!Number.isSafeInteger(scaled)) throw new RangeError(`price out of range: ${usd}`);
  return scaled as NanoPerMillion;
}

/** So many units at a price per million of them. */
export interface PricedQuantity {
  readonly units: number;
  readonly price: NanoPerMillion;
}

/**
 * The cost of several priced quantities: the products are added exactly and the sum is rounded up once, to a whole
 * nano-dollar. Rounding once keeps a call's cost independent of how its tokens are split into kinds.
 * Throws `RangeError` for a negative or fractional count of units.
 */
export function cost(quantities: readonly PricedQuantity[]): Nano {
  let total = 0;
  for (const { units, price } of quantities) {
    if (!Number.isSafeInteger(units) || units < 0) throw new RangeError(`not a count of units: ${units}`);
    total += units * price;
  }
  // Whole numbers below 2^53 were added exactly; what is above may have been rounded, and is added again.
  if (total > Number.MAX_SAFE_INTEGER) return largeCost(quantities);
  const rest = total % 1_000_000;
  return nano((total - rest) / 1_000_000 + (rest > 0 ? 1 : 0));
}

function largeCost(quantities: readonly PricedQuantity[]): Nano {
  let total = 0n;
  for (const { units, price } of quantities) total += BigInt(units) * BigInt(price);
  return nano(Number((total + 999_999n) / 1_000_000n));
}

/** Hundredths of a percent in a whole. */
const BASIS_POINTS = 10_000;

/**
 * An amount with so many hundredths of a percent added, exactly, and rounded up once to a whole nano-dollar. Throws `RangeError` for a rate that is
 * negative or fractional.
 */
export function withMarkup(amount: Nano, basisPoints: number): Nano {
  if (!Number.isSafeInteger(basisPoints) || basisPoints < 0)
    throw new RangeError(`not a rate in basis points: ${basisPoints}`);
  if (basisPoints === 0) return amount;
  const scaled = BigInt(amount) * BigInt(basisPoints) + BigInt(BASIS_POINTS - 1);
  return nano(amount + Number(scaled / BigInt(BASIS_POINTS)));
}

/** `value × 10^digits` rounded half away from zero, from the number's shortest decimal form, without binary rounding. */
function scaleDecimal(value: number, digits: number): bigint {
  const [mantissa = '0', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const shift = Number(exponentText) - fraction.length + digits;
  const digitsOf = BigInt(whole + fraction);
  let scaled: bigint;
  if (shift >= 0) scaled = digitsOf * 10n ** BigInt(shift);
  else if (shift < -400) scaled = 0n;
  else {
    const divisor = 10n ** BigInt(-shift);
    scaled = (digitsOf + divisor / 2n) / divisor;
  }
  return value < 0 ? -scaled : scaled;
}
