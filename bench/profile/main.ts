import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../gateway/child.ts';
import { type Contender, targetOf } from '../gateway/contender.ts';
import type { LoadJob, LoadResult } from '../gateway/load/job.ts';
import { startOurs } from '../gateway/ours.ts';
import { STREAM_WAYS } from '../gateway/stream-ways.ts';
import type { UpstreamState } from '../gateway/upstream/main.ts';
import { benchOptions } from '../options.ts';
import { type CpuProfile, hottest, withSources } from './cpu-profile.ts';
import { type Inspector, openInspector } from './inspector.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SAMPLE_EVERY_MICROS = 200;
const FUNCTIONS = 30;

/** `npm run bundle && node bench/profile/main.ts`: where Parallax spends its CPU in each row of the gateway's benchmark. See bench/README.md. */
async function main(): Promise<void> {
  const options = benchOptions(process.env);
  const upstream = startChild<'state', UpstreamState>(
    new URL('../gateway/upstream/main.ts', import.meta.url),
    [String(options.delayMs)],
  );
  const load = startChild<LoadJob, LoadResult>(new URL('../gateway/load/main.ts', import.meta.url));
  const { url } = await upstream.ask('state');
  const ours = await startOurs(url, options.settings, { inspect: true, consumer: options.consumer });
  const inspector = await openInspector(ours.inspectorUrl ?? '');
  const map = new SourceMap(JSON.parse(readFileSync(join(root, 'dist/bundle/worker.js.map'), 'utf8')));
  const folder = join(root, 'dist/bench');
  mkdirSync(folder, { recursive: true });
  try {
    for (const [name, job] of jobs(ours, options)) {
      await load.ask(job);
      const profile = withSources(await profiled(inspector, () => load.ask(job)), map);
      const file = join(folder, `${name.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}.cpuprofile`);
      writeFileSync(file, JSON.stringify(profile));
      console.log(`${name}\n\n${hottest(profile, FUNCTIONS)}\n`);
    }
    console.log(`The whole profiles, for a browser's developer tools, are in ${folder}.`);
  } finally {
    inspector.close();
    await Promise.all([ours.stop(), load.stop(), upstream.stop()]);
  }
}

function jobs(ours: Contender, options: ReturnType<typeof benchOptions>): [string, LoadJob][] {
  const chat = { asked: 'openai-chat', upstream: 'openai-chat', pieces: 1, stream: false } as const;
  const { connections, requests, chunks: pieces } = options;
  const whole: LoadJob = { kind: 'whole', target: targetOf(ours, chat), connections, requests };
  const streams = STREAM_WAYS.filter(({ contender }) => contender === 'ours').map(
    ({ label, asked, upstream }): [string, LoadJob] => [
      label,
      {
        kind: 'streams',
        target: targetOf(ours, { asked, upstream, pieces, stream: true }),
        streams: Math.max(...options.streams),
        pieces,
        times: 1,
      },
    ],
  );
  return [
    ...(options.only.includes('whole')
      ? [['Parallax, whole answers', whole] satisfies [string, LoadJob]]
      : []),
    ...(options.only.includes('streams') ? streams : []),
  ];
}

async function profiled(inspector: Inspector, work: () => Promise<unknown>): Promise<CpuProfile> {
  await inspector.send('Profiler.enable');
  await inspector.send('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROS });
  await inspector.send('Profiler.start');
  await work();
  const { profile } = (await inspector.send('Profiler.stop')) as { profile: CpuProfile };
  return profile;
}

await main();
