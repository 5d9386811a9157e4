import { type ReactNode, useState } from 'react';
import { Chart } from '../../../ui/chart/chart.tsx';
import { coloursOf, type Series } from '../../../ui/chart/series.ts';
import { Figure, Figures } from '../../../ui/figures.tsx';
import { compact, milliseconds } from '../../../ui/format/quantity.ts';
import { Segmented } from '../../../ui/segmented.tsx';
import { FilterChip } from '../../../ui/table/filter-chip.tsx';
import { Group, Sample } from './sample.tsx';

const NAMES = ['openai/gpt-5', 'anthropic/claude-sonnet-4-5', 'google/gemini-2.5-flash'] as const;
const TIMES = Array.from({ length: 14 }, (_, day) => Date.UTC(2026, 10, 1 + day));

function sample(of: (name: number, day: number) => number | null): readonly Series[] {
  const colours = coloursOf([...NAMES, null]);
  return [...NAMES, 'Others'].map((name, at) => {
    const values = TIMES.map((_, day) => of(at, day));
    return {
      id: name,
      name,
      colour: colours[at] ?? '',
      values,
      whole: values.reduce<number>((all, value) => all + (value ?? 0), 0),
    };
  });
}

const PILES = sample((at, day) => ((day * 7 + at * 5) % 13) * 140);
const LINES = sample((at, day) => (day === 6 ? null : 600 + ((day * 11 + at * 17) % 23) * 90));

const short = (ms: number) =>
  new Date(ms).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const CHOICES = [
  { value: 'calls', label: 'Calls' },
  { value: 'tokens', label: 'Tokens' },
] as const;

export function Charts(): ReactNode {
  const [shown, setShown] = useState<'calls' | 'tokens'>('calls');
  return (
    <Group title="Charts">
      <Sample of="figures: known, noted, on their way, not to be had">
        <div className="w-full">
          <Figures>
            <Figure label="Calls">1,234</Figure>
            <Figure label="Success rate" note="3 failed">
              99.7 %
            </Figure>
            <Figure label="Charged" />
            <Figure label="Latency" failed />
          </Figures>
        </div>
      </Sample>
      <Sample of="one of a few; a filter that holds">
        <Segmented label="What is shown" choices={CHOICES} value={shown} onChange={setShown} />
        <FilterChip name="Model" value="openai/gpt-5" onRemove={() => undefined} />
      </Sample>
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-2">
        <Sample of="piled up, a hue a name, zero-based, with a table behind">
          <div className="w-full">
            <Chart
              label="Sample tokens by day"
              times={TIMES}
              series={PILES}
              format={compact}
              formatTime={short}
              formatTimeLong={short}
              height={180}
              whole
            />
          </div>
        </Sample>
        <Sample of="lines, with a day that has none">
          <div className="w-full">
            <Chart
              label="Sample latency by day"
              times={TIMES}
              series={LINES}
              kind="lines"
              format={milliseconds}
              formatTime={short}
              formatTimeLong={short}
              height={180}
            />
          </div>
        </Sample>
      </div>
    </Group>
  );
}
