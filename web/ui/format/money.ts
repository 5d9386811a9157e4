/** Money for reading. Amounts come as dollars or as whole nano-dollars (1e-9 USD); nothing here is reckoned with further. Pure. */

/** “$0.0123”: two digits after the point from a dollar on, and as many as matter below it, two significant ones at least. */
export function usd(amount: number): string {
  const size = Math.abs(amount);
  const digits = size === 0 || size >= 1 ? 2 : Math.min(9, Math.max(2, 2 - Math.ceil(Math.log10(size)) + 1));
  const text = size.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits });
  return `${amount < 0 ? '−' : ''}$${text}`;
}

/** The exact figure, for a hover: “12,300,000 nano-dollars”. */
export function exactNano(nanoUsd: number): string {
  return `${nanoUsd.toLocaleString('en-US')} nano-dollars`;
}

export function nanoToUsd(nanoUsd: number): number {
  return nanoUsd / 1e9;
}

/** “12,345”. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
