import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import { createLocalModels } from '../test/local-models/server.ts';
import { cpuSeconds, workerdPids } from './process-cpu.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const OPERATOR_TOKEN = 'bench-only-operator-token-0123456789abcdef';
const COMPATIBILITY = { compatibilityDate: '2026-10-01', compatibilityFlags: ['nodejs_compat'] };

/** What the same three answers cost when nothing is done with them: each body piped through. */
const PASS_THROUGH = `
export default {
  async fetch(request, env) {
    const { path, body } = await request.json();
    const upstream = await fetch(env.MODELS + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
    return new Response(upstream.body, { headers: { 'content-type': 'text/event-stream' } });
  },
};`;

export interface RunOfThreeOptions {
  readonly rounds: number;
  /** Words, and so chunks, that each model is asked for. */
  readonly words: number;
  readonly tokenDelayMs: number;
}

interface Sample {
  readonly cpuMs: number;
  readonly chunks: number;
  readonly firstChunkMs: number;
}

/**
 * CPU per 1,000 streamed chunks of a run of three (three wire formats, decoded, priced, written to the run's object, streamed to one
 * client) beside a bare Worker that pipes the same three answers through. Interleaved; the median of the rounds is printed.
 */
export async function runOfThree(options: RunOfThreeOptions): Promise<string> {
  const models = await createLocalModels({
    port: 0,
    tokenDelayMs: options.tokenDelayMs,
    retryAfterSeconds: 0,
  });
  const parallax = await startParallax(models.url);
  const bare = startBare(models.url);
  try {
    const ours = await parallax.ready;
    const bareUrl = await bare.ready;
    const [oursPid, barePid] = await pidsOf(parallax, bare);
    const key = await makeKey(ours);
    const prompt = (round: number) => `Round ${round}: describe the sea in ${options.words} words`;

    const measure = async (pid: number, ask: () => Promise<{ firstChunkMs: number }>): Promise<Sample> => {
      const before = cpuSeconds(pid);
      const { firstChunkMs } = await ask();
      return { cpuMs: (cpuSeconds(pid) - before) * 1000, chunks: options.words * 3, firstChunkMs };
    };
    const askOurs = (round: number) => () =>
      read(
        fetch(`${ours}v1/perspectives`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({
            prompt: prompt(round),
            models: ['local/swift', 'local/sage', 'local/scribe'],
            max_tokens: 50_000,
            stream: true,
          }),
        }),
        'perspective.delta',
      );
    const askBare = (round: number) => async () => {
      const bodies = [
        {
          path: '/v1/chat/completions',
          body: {
            model: 'swift',
            stream: true,
            max_tokens: 50_000,
            messages: [{ role: 'user', content: prompt(round) }],
          },
        },
        {
          path: '/v1/messages',
          body: {
            model: 'sage',
            stream: true,
            max_tokens: 50_000,
            messages: [{ role: 'user', content: prompt(round) }],
          },
        },
        {
          path: '/v1beta/models/scribe:streamGenerateContent?alt=sse',
          body: {
            generationConfig: { maxOutputTokens: 50_000 },
            contents: [{ role: 'user', parts: [{ text: prompt(round) }] }],
          },
        },
      ];
      const all = await Promise.all(
        bodies.map((body) => read(fetch(bareUrl, { method: 'POST', body: JSON.stringify(body) }), '')),
      );
      return { firstChunkMs: Math.min(...all.map(({ firstChunkMs }) => firstChunkMs)) };
    };

    await measure(oursPid, askOurs(-1));
    await measure(barePid, askBare(-1));
    const samples: { ours: Sample[]; bare: Sample[] } = { ours: [], bare: [] };
    for (let round = 0; round < options.rounds; round++) {
      samples.bare.push(await measure(barePid, askBare(round)));
      samples.ours.push(await measure(oursPid, askOurs(round)));
    }
    return tableOf(samples, options);
  } finally {
    await parallax.dispose();
    await bare.dispose();
    await models.close();
  }
}

function startBare(modelsUrl: string): Miniflare {
  return new Miniflare({
    workers: [
      {
        config: {
          name: 'bare',
          ...COMPATIBILITY,
          manifest: {
            mainModule: 'worker.js',
            modulesRoot: '/',
            modules: { 'worker.js': { type: 'esm', contents: PASS_THROUGH } },
          },
          env: { MODELS: { type: 'text', value: modelsUrl } },
        },
      },
    ],
  });
}

async function startParallax(modelsUrl: string): Promise<Miniflare> {
  const bundle = join(root, 'dist/bundle/worker.js');
  if (!existsSync(bundle)) throw new Error('Build the bundle first: npm run bundle');
  const text = (value: string) => ({ type: 'text', value }) as const;
  const object = (exportName: string) =>
    ({ type: 'durable-object', worker: 'parallax', exportName }) as const;
  const instance = new Miniflare({
    workers: [
      {
        config: {
          name: 'parallax',
          ...COMPATIBILITY,
          manifest: {
            mainModule: 'worker.js',
            modulesRoot: '/',
            modules: { 'worker.js': { type: 'esm', contents: readFileSync(bundle, 'utf8') } },
          },
          exports: Object.fromEntries(
            ['PerspectiveRun', 'UserLimiter', 'ProviderHealth'].map((name) => [
              name,
              { type: 'durable-object', storage: 'sqlite' } as const,
            ]),
          ),
          env: {
            ENVIRONMENT: text('production'),
            KEY_SIGNING_SECRET: text('bench-only-key-signing-secret-0123456789'),
            OPERATOR_TOKEN: text(OPERATOR_TOKEN),
            CATALOG_SYNC: text('off'),
            LOCAL_MODELS_URL: text(modelsUrl),
            DB: { type: 'd1', id: 'bench' },
            PERSPECTIVE_RUN: object('PerspectiveRun'),
            USER_LIMITER: object('UserLimiter'),
            PROVIDER_HEALTH: object('ProviderHealth'),
          },
        },
      },
    ],
  });
  const database = await instance.getD1Database('DB');
  for (const file of readdirSync(join(root, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    for (const statement of readFileSync(join(root, 'migrations', file), 'utf8').split(
      '--> statement-breakpoint',
    )) {
      if (statement.trim() !== '') await database.prepare(statement).run();
    }
  }
  return instance;
}

/** Which process is whose: the one that burns CPU when its Worker is asked. */
async function pidsOf(ours: Miniflare, bare: Miniflare): Promise<[number, number]> {
  const pids = workerdPids();
  if (pids.length !== 2) throw new Error(`expected two workerd processes, found ${pids.length}`);
  const busy = async (instance: Miniflare): Promise<number> => {
    const before = pids.map(cpuSeconds);
    const url = await instance.ready;
    for (let i = 0; i < 300; i++) await (await fetch(new URL('/v1/openapi.json', url))).text();
    const used = pids.map((pid, index) => cpuSeconds(pid) - (before[index] ?? 0));
    return pids[used.indexOf(Math.max(...used))] ?? 0;
  };
  return [await busy(ours), await busy(bare)];
}

async function makeKey(url: URL): Promise<string> {
  const response = await fetch(new URL('/v1/operator/tenants', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench', email: 'bench@example.com' }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { key } = (await response.json()) as { key: { key: string } };
  return key.key;
}

async function read(request: Promise<Response>, mark: string): Promise<{ firstChunkMs: number }> {
  const started = performance.now();
  const response = await request;
  if (!response.ok || response.body === null) throw new Error(`${response.status}: ${await response.text()}`);
  let firstChunkMs: number | null = null;
  let head = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    if (firstChunkMs !== null) continue;
    head += chunk;
    if (head.includes(mark)) firstChunkMs = performance.now() - started;
  }
  return { firstChunkMs: firstChunkMs ?? performance.now() - started };
}

function tableOf(
  samples: { ours: readonly Sample[]; bare: readonly Sample[] },
  { rounds, words }: RunOfThreeOptions,
): string {
  const perThousand = (list: readonly Sample[]) =>
    median(list.map(({ cpuMs, chunks }) => (cpuMs / chunks) * 1000));
  const first = (list: readonly Sample[]) => median(list.map(({ firstChunkMs }) => firstChunkMs));
  const [ours, bare] = [perThousand(samples.ours), perThousand(samples.bare)];
  const row = (name: string, cpu: number, delay: number) =>
    `| ${name} | ${cpu.toFixed(1)} ms | ${(cpu / bare).toFixed(2)} | ${delay.toFixed(0)} ms |`;
  return [
    `| ${rounds} rounds of 3 × ${words} chunks, median | CPU per 1,000 chunks | ratio | first chunk |`,
    '| --- | ---: | ---: | ---: |',
    row('bare pass-through of the three answers', bare, first(samples.bare)),
    row('a run of three', ours, first(samples.ours)),
  ].join('\n');
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
