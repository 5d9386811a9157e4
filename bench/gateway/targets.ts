import type { StreamKind, StreamReport } from './streams.ts';
import { figure, table } from './table.ts';
import type { WholeReport } from './whole-answers.ts';

const CPU_OF_STREAMS: Readonly<Record<StreamKind, number>> = { same: 1.4, translated: 5 };
const FIRST_CHUNK = 1.5;

interface Aim {
  readonly what: string;
  readonly bound: 'at least' | 'at most';
  readonly wanted: number;
  readonly measured: number | undefined;
}

/** What we aim at beside what was measured, whatever it is. */
export function targets(whole: WholeReport | undefined, streams: StreamReport | undefined): string {
  const aims: Aim[] = [
    aim('requests/s, to the bare pass-through’s', 'at least', 0.7, whole?.ratios.requestsToBare),
    aim('requests/s, to Portkey’s', 'at least', 1.8, whole?.ratios.requestsToPortkey),
    aim('CPU a request, to the bare', 'at most', 1.7, whole?.ratios.cpuToBare),
    ...(streams?.ratios ?? []).flatMap(({ label, kind, streams: atOnce, cpuToBare, firstChunkToBare }) => {
      const where = `${label}, ${atOnce === 1 ? 'one at a time' : `${atOnce} at once`}`;
      const delay = aim(`first chunk, to the bare: ${where}`, 'at most', FIRST_CHUNK, firstChunkToBare);
      if (atOnce === 1) return [delay];
      return [aim(`CPU a chunk, to the bare: ${where}`, 'at most', CPU_OF_STREAMS[kind], cpuToBare), delay];
    }),
  ];
  return table(
    ['aim', 'wanted', 'measured', ''],
    aims.map(({ what, bound, wanted, measured }) => [
      what,
      `${bound} ${figure(wanted, 2)}`,
      figure(measured, 2),
      verdict(bound, wanted, measured),
    ]),
  );
}

function aim(what: string, bound: Aim['bound'], wanted: number, measured: number | undefined): Aim {
  return { what, bound, wanted, measured };
}

function verdict(bound: Aim['bound'], wanted: number, measured: number | undefined): string {
  if (measured === undefined || Number.isNaN(measured)) return 'not measured';
  return (bound === 'at least' ? measured >= wanted : measured <= wanted) ? 'met' : 'not met';
}
