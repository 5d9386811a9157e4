import { setTimeout as sleep } from 'node:timers/promises';
import { cpuSeconds } from '../process-cpu.ts';
import { type Child, startChild } from './child.ts';
import type { Contender, ContenderName } from './contender.ts';
import { type CpuSlot, CpuSlots } from './cpu-slots.ts';
import type { LoadJob, LoadResult } from './load/job.ts';
import { startOurs } from './ours.ts';
import { startPortkey } from './portkey.ts';
import { startBare, startStage } from './reference-workers.ts';
import type { UpstreamState } from './upstream/main.ts';

/** One measurement of one contender. */
export interface Sample extends CpuSlot, LoadResult {
  readonly requests: number;
  /** Shares of one core while the load ran. */
  readonly busy: { readonly gateway: number; readonly load: number; readonly upstream: number };
}

/** The upstream, the load and the contenders, each in a process of its own, and nothing else at work while one is measured. */
export interface Laboratory {
  readonly contenders: readonly Contender[];
  measure(contender: Contender, job: LoadJob): Promise<Sample>;
  /** Waits for what was put off and completes the CPU of the last measurements. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface LaboratoryOptions {
  readonly contenders: readonly ContenderName[];
  readonly delayMs: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly consumer: boolean;
  /** Tenants that ask ours in turns, besides the one that asks alone. */
  readonly tenants: number;
}

/** Queues deliver within this time at the latest: a batch waits for 5 s or less. */
const PUT_OFF_MS = 6000;

export async function openLaboratory(options: LaboratoryOptions): Promise<Laboratory> {
  const upstream = startChild<'state', UpstreamState>(new URL('upstream/main.ts', import.meta.url), [
    String(options.delayMs),
  ]);
  const load = startChild<LoadJob, LoadResult>(new URL('load/main.ts', import.meta.url));
  const contenders: Contender[] = [];
  const close = async () => {
    await Promise.all([...contenders.map((each) => each.stop()), load.stop(), upstream.stop()]);
  };
  try {
    const { url } = await upstream.ask('state');
    const start: Readonly<Record<ContenderName, () => Promise<Contender>>> = {
      bare: () => startBare(url),
      stage: () => startStage(url),
      ours: () => startOurs(url, options.settings, options),
      portkey: () => startPortkey(url),
    };
    for (const name of options.contenders) contenders.push(await start[name]());
  } catch (error) {
    await close();
    throw error;
  }
  const slots = new CpuSlots();
  return {
    contenders,
    measure: async (contender, job) => {
      await quiet(contenders);
      return measure(contender, job, { upstream, load, slots });
    },
    settle: async () => {
      await sleep(PUT_OFF_MS);
      slots.closeAll();
    },
    close,
  };
}

interface Instruments {
  readonly upstream: Child<'state', UpstreamState>;
  readonly load: Child<LoadJob, LoadResult>;
  readonly slots: CpuSlots;
}

async function measure(
  contender: Contender,
  job: LoadJob,
  { upstream, load, slots }: Instruments,
): Promise<Sample> {
  const requests = job.kind === 'whole' ? job.requests : job.streams * job.times;
  const { answered } = await upstream.ask('state');
  const before = { gateway: cpuSeconds(contender.pid), upstream: cpuSeconds(upstream.pid) };
  const slot = slots.begin(contender.pid);
  const result = await load.ask(job).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${contender.name}, ${job.kind}, ${job.target.url}: ${message}`);
  });
  const share = (pid: number, from: number) => (cpuSeconds(pid) - from) / result.seconds;
  const busy = {
    gateway: share(contender.pid, before.gateway),
    load: result.ownCpuSeconds / result.seconds,
    upstream: share(upstream.pid, before.upstream),
  };
  const asked = (await upstream.ask('state')).answered - answered;
  // An answer from a cache, or a call made twice, is another measurement than the one that is meant.
  if (asked !== requests) {
    throw new Error(`${contender.name} asked the upstream ${asked} times for ${requests} requests`);
  }
  return Object.assign(slot, { ...result, requests, busy });
}

/** Waits, for at most 3 s, until no contender is at work: what one puts off must not slow the next. */
async function quiet(contenders: readonly Contender[]): Promise<void> {
  const used = () => contenders.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  await sleep(100);
  for (let tries = 0; tries < 30; tries++) {
    const before = used();
    await sleep(100);
    if (used() - before < 0.002) return;
  }
}
