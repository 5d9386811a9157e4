import type { StreamRatio, StreamReport } from './streams.ts';
import { figure, table } from './table.ts';
import type { WholeReport } from './whole-answers.ts';

interface Aim {
  readonly what: string;
  readonly bound: 'at least' | 'at most';
  readonly wanted: number;
  readonly measured: number | undefined;
  /** Which of several rows the measured value is of. */
  readonly where?: string;
}

/** What we aim at beside what was measured, whatever it is; of several rows the worst. */
export function targets(whole: WholeReport | undefined, streams: StreamReport | undefined): string {
  const ofStreams = (chosen: (ratio: StreamRatio) => boolean) => worst(streams?.ratios.filter(chosen) ?? []);
  const aims: Aim[] = [
    {
      what: 'requests/s, to the bare pass-through’s',
      bound: 'at least',
      wanted: 0.7,
      measured: whole?.ratios.requestsToBare,
    },
    {
      what: 'requests/s, to Portkey’s',
      bound: 'at least',
      wanted: 1.8,
      measured: whole?.ratios.requestsToPortkey,
    },
    {
      what: 'CPU a request, to the bare',
      bound: 'at most',
      wanted: 1.7,
      measured: whole?.ratios.cpuToBare,
    },
    {
      what: 'CPU a chunk of a same-format stream, to the bare',
      bound: 'at most',
      wanted: 1.4,
      ...ofStreams(({ measure, way }) => measure === 'cpu' && way.asked === way.upstream),
    },
    {
      what: 'CPU a chunk of a translated stream, to the bare',
      bound: 'at most',
      wanted: 5,
      ...ofStreams(({ measure, way }) => measure === 'cpu' && way.asked !== way.upstream),
    },
    {
      what: 'first chunk, to the bare',
      bound: 'at most',
      wanted: 1.5,
      ...ofStreams(({ measure }) => measure === 'first chunk'),
    },
  ];
  return table(
    ['aim', 'wanted', 'measured', 'worst of the rows', ''],
    aims.map(({ what, bound, wanted, measured, where }) => [
      what,
      `${bound} ${figure(wanted, 2)}`,
      figure(measured, 2),
      where ?? '',
      verdict(bound, wanted, measured),
    ]),
  );
}

function worst(ratios: readonly StreamRatio[]): Pick<Aim, 'measured' | 'where'> {
  const [highest] = ratios.toSorted((a, b) => b.ratio - a.ratio);
  if (highest === undefined) return { measured: undefined };
  const { way, streams, ratio } = highest;
  return {
    measured: ratio,
    where: `${way.label}, ${streams === 1 ? 'one at a time' : `${streams} at once`}`,
  };
}

function verdict(bound: Aim['bound'], wanted: number, measured: number | undefined): string {
  if (measured === undefined || Number.isNaN(measured)) return 'not measured';
  return (bound === 'at least' ? measured >= wanted : measured <= wanted) ? 'met' : 'not met';
}
