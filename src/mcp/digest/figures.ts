/** Numbers as a model or a person reads them in a line of text. The exact ones stand in the structured content. */

/** Dollars with as many decimals as the amount needs: `$0`, `$0.0123`, `$0.000000015`. */
export function dollarText(usd: number): string {
  if (usd === 0) return '$0';
  const decimals = usd >= 1 ? 2 : usd >= 0.000_1 ? 6 : 9;
  return `$${usd.toFixed(decimals).replace(/\.?0+$/, '')}`;
}

/** `840 ms`, `12.4 s`. */
export function durationText(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `12,345`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
