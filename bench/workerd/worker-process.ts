import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Miniflare, type MiniflareOptions } from 'miniflare';
import { workerdPids } from '../process-cpu.ts';

/** A Worker in a workerd of its own, asked without any Worker of Miniflare's before or behind it. */
export interface WorkerProcess {
  readonly name: string;
  readonly url: URL;
  /** The workerd process. All that a Worker does is in it, its Durable Objects and its database too. */
  readonly pid: number;
  readonly miniflare: Miniflare;
  dispose(): Promise<void>;
}

/**
 * Starts the one Worker of these options. Miniflare's public port goes through an entry Worker and `fetch` through an interceptor, which
 * add the same work to everything measured: the Worker has a socket of its own instead, and its `fetch` goes straight to the network.
 * One at a time: the new process is told from those that were there before.
 */
export async function startWorkerProcess(options: MiniflareOptions): Promise<WorkerProcess> {
  const [worker] = options.workers;
  if (worker === undefined || options.workers.length !== 1) throw new Error('one Worker a process');
  process.env.BENCH_NODE = process.execPath;
  process.env.BENCH_DIRECT_OUTBOUND = besides('direct-outbound.ts');
  process.env.BENCH_WORKERD = workerdBinary();
  process.env.MINIFLARE_WORKERD_PATH = besides('plain-workerd.sh');
  const before = new Set(workerdPids());
  const miniflare = new Miniflare({
    ...options,
    workers: [{ ...worker, dev: { ...worker.dev, unsafeDirectSockets: [{ port: 0 }] } }],
  });
  await miniflare.ready;
  const started = workerdPids().filter((pid) => !before.has(pid));
  const [pid] = started;
  if (pid === undefined || started.length !== 1) {
    await miniflare.dispose();
    throw new Error(`expected one new workerd process, found ${started.length}`);
  }
  const { name } = worker.config;
  return {
    name,
    url: await miniflare.unsafeGetDirectURL(name),
    pid,
    miniflare,
    dispose: () => miniflare.dispose(),
  };
}

function besides(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** The binary of the workerd that Miniflare brings. */
function workerdBinary(): string {
  const require = createRequire(createRequire(import.meta.url).resolve('miniflare'));
  return (require('workerd') as { default: string }).default;
}
