import { quantile } from '../quantile.ts';
import { type Contender, type ContenderName, targetOf } from './contender.ts';
import type { Laboratory, Sample } from './laboratory.ts';
import { against, difference, interleaved, medianOf, ratio } from './rounds.ts';
import { busyOf, figure, table } from './table.ts';

export interface WholeOptions {
  readonly rounds: number;
  readonly connections: number;
  readonly requests: number;
}

/** Ratios of this gateway that the targets are about; not there when it or its peer was not measured. */
export interface WholeRatios {
  readonly requestsToBare?: number;
  readonly requestsToPortkey?: number;
  readonly cpuToBare?: number;
}

export interface WholeReport {
  readonly text: string;
  readonly ratios: WholeRatios;
}

interface Row {
  readonly contender: Contender;
  readonly connections: number;
  readonly requests: number;
  /** Asked by many tenants in turns. */
  readonly crowd: boolean;
}

const LABELS: Readonly<Record<ContenderName, string>> = {
  bare: 'bare pass-through',
  stage: 'one JavaScript stage',
  ours: 'Parallax',
  portkey: 'Portkey',
};

/** The share of a core that a saturated gateway is at work for, at the least. */
const ALWAYS_AT_WORK = 0.9;

const perSecond = ({ requests, seconds }: Sample) => requests / seconds;
const cpuMicros = ({ requests, cpuSeconds }: Sample) => (cpuSeconds / requests) * 1e6;
const latency = (share: number) => (sample: Sample) => quantile(sample.latenciesMs, share);

/** OpenAI chat, whole answers, at many connections and at one. */
export async function wholeAnswers(laboratory: Laboratory, options: WholeOptions): Promise<WholeReport> {
  const loads = [
    { connections: options.connections, requests: options.requests },
    { connections: 1, requests: Math.ceil(options.requests / 10) },
  ];
  const rows: Row[] = loads.flatMap((load) =>
    laboratory.contenders.flatMap((contender) => [
      { contender, crowd: false, ...load },
      ...((contender.crowd ?? []).length > 0 ? [{ contender, crowd: true, ...load }] : []),
    ]),
  );
  const samples = await interleaved(
    laboratory,
    rows,
    options.rounds,
    ({ contender, connections, requests, crowd }) => {
      const question = {
        asked: 'openai-chat',
        upstream: 'openai-chat',
        pieces: 1,
        stream: false,
      } as const;
      const target = targetOf(contender, question);
      const clients = crowd ? { clients: contender.crowd ?? [] } : {};
      return laboratory.measure(contender, {
        kind: 'whole',
        target: { ...target, ...clients },
        connections,
        requests,
      });
    },
  );
  const of = (name: ContenderName, connections: number, crowd = false): readonly Sample[] => {
    const row = rows.find(
      (each) => each.contender.name === name && each.connections === connections && each.crowd === crowd,
    );
    return (row && samples.get(row)) ?? [];
  };
  const tables = loads.map(({ connections, requests }) =>
    table(
      [
        `${connections} connection${connections === 1 ? '' : 's'}, ${options.rounds} rounds of ${requests} requests`,
        ...['requests/s', 'ratio', 'CPU a request', 'ratio'],
        ...['p50', 'added', 'ratio', 'p95', 'added', 'ratio', 'busy'],
      ],
      rows
        .filter((row) => row.connections === connections)
        .map(({ contender: { name, crowd: clients = [] }, crowd }) =>
          rowOf(
            crowd ? `${LABELS[name]}, ${clients.length} tenants in turns` : LABELS[name],
            of(name, connections, crowd),
            of('bare', connections),
          ),
        ),
    ),
  );
  const many = options.connections;
  return {
    text: [...tables, ...disturbed(of('bare', many))].join('\n\n'),
    ratios: {
      requestsToBare: against(of('ours', many), of('bare', many), perSecond, ratio),
      requestsToPortkey: against(of('ours', many), of('portkey', many), perSecond, ratio),
      cpuToBare: against(of('ours', many), of('bare', many), cpuMicros, ratio),
    },
  };
}

/** A line when the pass-through was not at work all the time, as it is whenever it gets the processor. */
function disturbed(bare: readonly Sample[]): string[] {
  const busy = medianOf(bare, (sample) => sample.busy.gateway);
  if (Number.isNaN(busy) || busy > ALWAYS_AT_WORK) return [];
  return [
    `The bare pass-through was at work for ${(busy * 100).toFixed(0)} % of the time only: something else used this machine, or ` +
      'the load was too small. Requests a second and delays say little; CPU says more.',
  ];
}

function rowOf(label: string, samples: readonly Sample[], bare: readonly Sample[]): string[] {
  const delay = (share: number) => [
    figure(medianOf(samples, latency(share)), 2, ' ms'),
    figure(against(samples, bare, latency(share), difference), 2, ' ms'),
    figure(against(samples, bare, latency(share), ratio), 2),
  ];
  return [
    label,
    figure(medianOf(samples, perSecond), 0),
    figure(against(samples, bare, perSecond, ratio), 2),
    figure(medianOf(samples, cpuMicros), 0, ' µs'),
    figure(against(samples, bare, cpuMicros, ratio), 2),
    ...delay(0.5),
    ...delay(0.95),
    busyOf(samples),
  ];
}
