import type { Sample } from './laboratory.ts';
import { medianOf } from './rounds.ts';

/** A Markdown table: the first column to the left, the others to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(header),
    line(header.map((_cell, index) => (index === 0 ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n');
}

/** A figure with its unit; a dash where there is none. */
export function figure(value: number | undefined, digits: number, unit = ''): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`;
}

/** Shares of a core that the gateway, the upstream and the load were at work: who was the bottleneck. */
export function busyOf(samples: readonly Sample[]): string {
  const share = (place: keyof Sample['busy']) =>
    figure(
      medianOf(samples, ({ busy }) => busy[place] * 100),
      0,
    );
  return `${share('gateway')} + ${share('upstream')} + ${share('load')} %`;
}
