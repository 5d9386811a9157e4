/** Amounts of things and lengths of time for reading. Pure. */

const STEPS = [
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** “9,999”, “12.3k”, “4.56M”: three digits that matter from ten thousand on. */
export function compact(value: number): string {
  const step =
    Math.abs(value) < 10_000 ? undefined : STEPS.find(([size]) => Math.abs(value) >= size * 0.9995);
  if (step === undefined) return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
  const [size, letter] = step;
  return `${(value / size).toLocaleString('en-US', { maximumSignificantDigits: 3 })}${letter}`;
}

/** “840 ms”, “1.24 s”, “2 min 5 s”. */
export function milliseconds(value: number): string {
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 59_950) return `${(value / 1_000).toLocaleString('en-US', { maximumSignificantDigits: 3 })} s`;
  const seconds = Math.round(value / 1_000);
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** “99.2 %”; “100 %” only where nothing is missing. */
export function percent(share: number): string {
  const shown = Math.floor(share * 1_000 + 1e-9) / 10;
  return `${shown.toLocaleString('en-US', { maximumFractionDigits: 1 })} %`;
}
