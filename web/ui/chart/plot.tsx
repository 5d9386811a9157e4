import 'uplot/dist/uPlot.min.css';
import { type ReactNode, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useShownTheme } from '../theme.ts';
import { labelled, piled, type Series } from './series.ts';

export interface PlotProps {
  /** Seconds since 1970, evenly spaced but for months. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly kind: 'bars' | 'lines';
  readonly height: number;
  readonly format: (value: number) => string;
  readonly formatTime: (seconds: number) => string;
  /** Values are whole things: no line stands for half a one. */
  readonly whole: boolean;
  readonly onPoint: (at: number | null) => void;
}

/** Room that a label of the time axis takes, in pixels. */
const LABEL = 76;

/** The drawing itself: zero-based, no legend and no text but its axes. Its figures are beside it as words. */
export function Plot(props: PlotProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const theme = useShownTheme();
  const { times, series, kind, height, format, formatTime, whole, onPoint } = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes what the colours are
  useEffect(() => {
    const element = place.current;
    if (element === null || times.length === 0) return;
    const css = coloursAt(element);
    const half = ((times[1] ?? (times[0] ?? 0) + 86_400) - (times[0] ?? 0)) / 2;
    const grid = { stroke: css('var(--line)'), width: 1 };
    const axis = { stroke: css('var(--text-3)'), font: `12px ${css.font}`, ticks: { show: false } };
    const drawn =
      kind === 'bars' ? piled(series) : series.map((of) => ({ of, tops: of.values as (number | null)[] }));
    const bars = uPlot.paths.bars?.({ size: [0.76, 40] });
    const plot = new uPlot(
      {
        width: Math.max(200, element.clientWidth),
        height,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { x: false, y: false, setScale: false } },
        scales: {
          x: { time: true, range: [(times[0] ?? 0) - half, (times.at(-1) ?? 0) + half] },
          y: { range: (_, _least, most) => [0, most > 0 ? most * 1.06 : 1] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 28,
            splits: (self) =>
              labelled(times.length, Math.floor(self.width / LABEL)).map((at) => times[at] ?? 0),
            values: (_, splits) => splits.map(formatTime),
          },
          {
            ...axis,
            grid,
            size: 64,
            space: 36,
            ...(whole ? { incrs: WHOLE_STEPS } : {}),
            values: (_, splits) => splits.map(format),
          },
        ],
        series: [
          {},
          ...drawn.map(({ of }) => {
            const colour = css(of.colour);
            return kind === 'bars'
              ? {
                  fill: colour,
                  stroke: css('var(--surface)'),
                  width: 0.5,
                  points: { show: false },
                  ...(bars === undefined ? {} : { paths: bars }),
                }
              : { stroke: colour, width: 1.5, points: { size: 5, fill: colour, stroke: colour } };
          }),
        ],
        hooks: {
          setCursor: [({ cursor: { idx, left } }) => onPoint((left ?? -1) < 0 ? null : (idx ?? null))],
        },
      },
      [[...times], ...drawn.map(({ tops }) => tops)],
      element,
    );
    const resized = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(200, element.clientWidth), height }),
    );
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
      onPoint(null);
    };
  }, [times, series, kind, height, format, formatTime, whole, onPoint, theme]);
  return <div ref={place} style={{ height }} className="w-full overflow-hidden" />;
}

/** 1, 2, 5, 10 …, as far as anybody counts. */
const WHOLE_STEPS = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();

/** What a colour of the style sheet is at a place: a canvas does not know variables. */
function coloursAt(element: HTMLElement): ((colour: string) => string) & { readonly font: string } {
  const read = (colour: string) => {
    const probe = document.createElement('span');
    probe.style.color = colour;
    element.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  return Object.assign(read, { font: getComputedStyle(element).fontFamily });
}
