import { hueOf } from '../hue.ts';

/** One thing over time, in the order of the chart's times; null where there is no value. */
export interface Series {
  readonly id: string;
  readonly name: string;
  /** Its colour, as CSS. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
  /** What is said of it where no moment is pointed at: its sum, or its figure for the whole time. */
  readonly whole: number | null;
}

/** How much of its hue a thing keeps, where several share one: the first is whole. */
const SHADES = [100, 58, 34] as const;

/** Colours for names, by hue: the same name has the same one everywhere, and those that share a hue differ in strength. `null` is the rest. Pure. */
export function coloursOf(names: readonly (string | null)[]): readonly string[] {
  const seen = new Map<number, number>();
  return names.map((name) => {
    if (name === null) return 'var(--line-3)';
    const hue = hueOf(name);
    const nth = seen.get(hue) ?? 0;
    seen.set(hue, nth + 1);
    const share = SHADES[nth % SHADES.length] ?? 100;
    return share === 100
      ? `var(--hue-${hue})`
      : `color-mix(in oklch, var(--hue-${hue}) ${share}%, var(--surface))`;
  });
}

/**
 * Each series with those below it added, the topmost first: bars that are drawn over one another in this order look like a pile, with the first
 * series at the bottom. Pure.
 */
export function piled(
  series: readonly Series[],
): readonly { readonly of: Series; readonly tops: number[] }[] {
  const tops: { of: Series; tops: number[] }[] = [];
  let below: number[] = [];
  for (const of of series) {
    below = of.values.map((value, at) => (value ?? 0) + (below[at] ?? 0));
    tops.push({ of, tops: below });
  }
  return tops.reverse();
}

/** Which of so many moments get a label, where so many labels fit. Pure. */
export function labelled(moments: number, most: number): readonly number[] {
  const step = Math.max(1, Math.ceil(moments / Math.max(1, most)));
  return Array.from({ length: Math.ceil(moments / step) }, (_, at) => at * step);
}
