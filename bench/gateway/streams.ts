import { median } from '../quantile.ts';
import { type Contender, type ContenderName, targetOf } from './contender.ts';
import type { Laboratory, Sample } from './laboratory.ts';
import { against, interleaved, medianOf, ratio, type Samples } from './rounds.ts';
import { figure, table } from './table.ts';
import type { WireFormat } from './wire-format.ts';

export interface StreamOptions {
  readonly rounds: number;
  readonly streams: readonly number[];
  readonly chunks: number;
  readonly delayMs: number;
}

export type StreamKind = 'same' | 'translated';

/** One of this gateway's streams against the bare ones of the same upstream. */
export interface StreamRatio {
  readonly label: string;
  readonly kind: StreamKind;
  /** Streams at once; 1 for those that were asked for one after the other. */
  readonly streams: number;
  readonly cpuToBare: number;
  readonly firstChunkToBare: number;
}

export interface StreamReport {
  readonly text: string;
  readonly ratios: readonly StreamRatio[];
}

interface Way {
  readonly contender: ContenderName;
  readonly label: string;
  readonly asked: WireFormat;
  readonly upstream: WireFormat;
}

/** Whom we ask in which format, and which format the upstream speaks. */
const WAYS: readonly Way[] = [
  way('bare', 'bare, chat', 'openai-chat'),
  way('bare', 'bare, responses', 'openai-responses'),
  way('bare', 'bare, messages', 'anthropic-messages'),
  way('stage', 'one JavaScript stage, chat', 'openai-chat'),
  way('ours', 'Parallax, messages', 'anthropic-messages'),
  way('ours', 'Parallax, responses', 'openai-responses'),
  way('ours', 'Parallax, chat (the tail edited)', 'openai-chat'),
  way('ours', 'Parallax, chat from messages', 'openai-chat', 'anthropic-messages'),
  way('ours', 'Parallax, messages from chat', 'anthropic-messages', 'openai-chat'),
  way('portkey', 'Portkey, chat', 'openai-chat'),
];

function way(contender: ContenderName, label: string, asked: WireFormat, upstream = asked): Way {
  return { contender, label, asked, upstream };
}

/** Streams one after the other, of few chunks: the delay of the first without others beside it. */
const ALONE = { streams: 1, pieces: 2, times: 100 };

interface Row {
  readonly way: Way;
  readonly contender: Contender;
  readonly streams: number;
  readonly pieces: number;
  readonly times: number;
}

const cpuMillis = (pieces: number) => (sample: Sample) =>
  (sample.cpuSeconds / (sample.requests * pieces)) * 1e6;
const firstChunk = (sample: Sample) => median(sample.latenciesMs);

export async function streamedAnswers(laboratory: Laboratory, options: StreamOptions): Promise<StreamReport> {
  const loads = [...options.streams.map((streams) => ({ streams, pieces: options.chunks, times: 1 })), ALONE];
  const rows: Row[] = loads.flatMap((load) =>
    WAYS.flatMap((each) => {
      const contender = laboratory.contenders.find(({ name }) => name === each.contender);
      return contender === undefined ? [] : [{ way: each, contender, ...load }];
    }),
  );
  const samples = await interleaved(laboratory, rows, options.rounds, (row) => measure(laboratory, row));
  const bareOf = (row: Row): readonly Sample[] => {
    const bare = rows.find(
      (each) =>
        each.contender.name === 'bare' &&
        each.streams === row.streams &&
        each.way.upstream === row.way.upstream,
    );
    return (bare && samples.get(bare)) ?? [];
  };
  return {
    text: loads
      .map((load) =>
        tableOf(
          rows.filter(({ streams }) => streams === load.streams),
          samples,
          bareOf,
          options,
        ),
      )
      .join('\n\n'),
    ratios: rows
      .filter(({ contender }) => contender.name === 'ours')
      .map((row) => ({
        label: row.way.label,
        kind: row.way.asked === row.way.upstream ? 'same' : 'translated',
        streams: row.streams,
        cpuToBare: against(samples.get(row) ?? [], bareOf(row), cpuMillis(row.pieces), ratio),
        firstChunkToBare: against(samples.get(row) ?? [], bareOf(row), firstChunk, ratio),
      })),
  };
}

function measure(laboratory: Laboratory, { way, contender, streams, pieces, times }: Row): Promise<Sample> {
  const target = targetOf(contender, { asked: way.asked, upstream: way.upstream, pieces, stream: true });
  return laboratory.measure(contender, { kind: 'streams', target, streams, pieces, times });
}

function tableOf(
  rows: readonly Row[],
  samples: Samples<Row>,
  bareOf: (row: Row) => readonly Sample[],
  { rounds, delayMs }: StreamOptions,
): string {
  const [first] = rows;
  const { streams, pieces, times } = first ?? ALONE;
  const alone = times > 1;
  const title = alone
    ? `one stream at a time, ${rounds} rounds of ${times}`
    : `${streams} streams at once, ${rounds} rounds of ${pieces} chunks each, one every ${delayMs} ms`;
  const cpu = alone ? [] : ['CPU a 1,000 chunks', 'ratio'];
  return table(
    [title, ...cpu, 'first chunk', 'ratio', 'busy'],
    rows.map((row) => {
      const mine = samples.get(row) ?? [];
      const bare = bareOf(row);
      const value = cpuMillis(pieces);
      const busy = (place: keyof Sample['busy']) =>
        medianOf(mine, (sample) => sample.busy[place] * 100).toFixed(0);
      return [
        row.way.label,
        ...(alone
          ? []
          : [figure(medianOf(mine, value), 1, ' ms'), figure(against(mine, bare, value, ratio), 2)]),
        figure(medianOf(mine, firstChunk), 2, ' ms'),
        figure(against(mine, bare, firstChunk, ratio), 2),
        `${busy('gateway')} + ${busy('upstream')} + ${busy('load')} %`,
      ];
    }),
  );
}
