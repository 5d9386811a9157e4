import { median } from '../quantile.ts';
import { type Contender, targetOf } from './contender.ts';
import type { Laboratory, Sample } from './laboratory.ts';
import { against, interleaved, medianOf, ratio } from './rounds.ts';
import { STREAM_WAYS, type StreamWay } from './stream-ways.ts';
import { busyOf, figure, table } from './table.ts';

export interface StreamOptions {
  readonly rounds: number;
  readonly streams: readonly number[];
  readonly chunks: number;
  readonly delayMs: number;
}

/** One of this gateway's figures against the bare pass-through's of the same upstream. */
export interface StreamRatio {
  readonly measure: 'cpu' | 'first chunk';
  readonly way: StreamWay;
  readonly streams: number;
  readonly ratio: number;
}

export interface StreamReport {
  readonly text: string;
  readonly ratios: readonly StreamRatio[];
}

/** Streams of so many chunks that begin together, as often as said. */
interface Load {
  readonly measure: StreamRatio['measure'];
  readonly streams: number;
  readonly pieces: number;
  readonly times: number;
}

interface Row {
  readonly load: Load;
  readonly way: StreamWay;
  readonly contender: Contender;
}

/** About so many short streams a round give a steady delay; one burst of long ones would not. */
const FIRST_CHUNKS = 320;

const VALUES: Readonly<Record<StreamRatio['measure'], (sample: Sample) => number>> = {
  // For all chunks of the row, and so only to be compared within it.
  cpu: ({ cpuSeconds }) => cpuSeconds,
  'first chunk': ({ latenciesMs }) => median(latenciesMs),
};

/** CPU a chunk of long streams, then the delay of the first chunk of short ones, one at a time and as many at once. */
export async function streamedAnswers(laboratory: Laboratory, options: StreamOptions): Promise<StreamReport> {
  const loads: Load[] = [
    ...options.streams.map((streams) => ({
      measure: 'cpu' as const,
      streams,
      pieces: options.chunks,
      times: 1,
    })),
    ...[1, ...options.streams].map((streams) => ({
      measure: 'first chunk' as const,
      streams,
      pieces: 2,
      times: Math.ceil(FIRST_CHUNKS / streams),
    })),
  ];
  const rows: Row[] = loads.flatMap((load) =>
    STREAM_WAYS.flatMap((way) => {
      const contender = laboratory.contenders.find(({ name }) => name === way.contender);
      return contender === undefined ? [] : [{ load, way, contender }];
    }),
  );
  const samples = await interleaved(laboratory, rows, options.rounds, (row) => measure(laboratory, row));
  const samplesOf = (row: Row | undefined) => (row && samples.get(row)) ?? [];
  const toBare = (row: Row): number => {
    const bare = rows.find(
      ({ load, way }) => load === row.load && way.contender === 'bare' && way.upstream === row.way.upstream,
    );
    return against(samplesOf(row), samplesOf(bare), VALUES[row.load.measure], ratio);
  };
  return {
    text: loads
      .map((load) =>
        table(
          [
            titleOf(load, options),
            load.measure === 'cpu' ? 'CPU a 1,000 chunks' : 'first chunk',
            'ratio',
            'busy',
          ],
          rows
            .filter((row) => row.load === load)
            .map((row) => [
              row.way.label,
              figureOf(load, samplesOf(row)),
              figure(toBare(row), 2),
              busyOf(samplesOf(row)),
            ]),
        ),
      )
      .join('\n\n'),
    ratios: rows
      .filter(({ way }) => way.contender === 'ours')
      .map((row) => ({
        measure: row.load.measure,
        way: row.way,
        streams: row.load.streams,
        ratio: toBare(row),
      })),
  };
}

function measure(laboratory: Laboratory, { load, way, contender }: Row): Promise<Sample> {
  const { streams, pieces, times } = load;
  const target = targetOf(contender, { asked: way.asked, upstream: way.upstream, pieces, stream: true });
  return laboratory.measure(contender, { kind: 'streams', target, streams, pieces, times });
}

function titleOf({ measure, streams, pieces, times }: Load, { rounds, delayMs }: StreamOptions): string {
  const atOnce = streams === 1 ? 'one stream at a time' : `${streams} streams at once`;
  return measure === 'cpu'
    ? `${atOnce}, ${rounds} rounds of ${pieces} chunks each, one every ${delayMs} ms`
    : `${atOnce}, ${rounds} rounds of ${times} times`;
}

function figureOf({ measure, streams, pieces, times }: Load, samples: readonly Sample[]): string {
  const value = medianOf(samples, VALUES[measure]);
  return measure === 'cpu'
    ? figure((value / (streams * pieces * times)) * 1e6, 1, ' ms')
    : figure(value, 2, ' ms');
}
