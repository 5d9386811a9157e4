import { createLocalModels } from '../test/local-models/server.ts';
import { startParallax } from './parallax.ts';
import { cpuSeconds } from './process-cpu.ts';
import { median } from './quantile.ts';
import { scriptWorker } from './workerd/script-worker.ts';
import { startWorkerProcess } from './workerd/worker-process.ts';

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
  const parallax = await startParallax({
    settings: { LOCAL_MODELS_URL: models.url, LIMIT_PERSPECTIVES_PER_HOUR: '10000000' },
  });
  const bare = await startWorkerProcess(scriptWorker('bare', PASS_THROUGH, { MODELS: models.url }));
  try {
    const prompt = (round: number) => `Round ${round}: describe the sea in ${options.words} words`;

    const measure = async (pid: number, ask: () => Promise<{ firstChunkMs: number }>): Promise<Sample> => {
      const before = cpuSeconds(pid);
      const { firstChunkMs } = await ask();
      return { cpuMs: (cpuSeconds(pid) - before) * 1000, chunks: options.words * 3, firstChunkMs };
    };
    const askOurs = (round: number) => () =>
      read(
        fetch(`${parallax.url}v1/perspectives`, {
          method: 'POST',
          headers: { authorization: `Bearer ${parallax.key}`, 'content-type': 'application/json' },
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
        bodies.map((body) => read(fetch(bare.url, { method: 'POST', body: JSON.stringify(body) }), '')),
      );
      return { firstChunkMs: Math.min(...all.map(({ firstChunkMs }) => firstChunkMs)) };
    };

    await measure(parallax.pid, askOurs(-1));
    await measure(bare.pid, askBare(-1));
    const samples: { ours: Sample[]; bare: Sample[] } = { ours: [], bare: [] };
    for (let round = 0; round < options.rounds; round++) {
      samples.bare.push(await measure(bare.pid, askBare(round)));
      samples.ours.push(await measure(parallax.pid, askOurs(round)));
    }
    return tableOf(samples, options);
  } finally {
    await parallax.dispose();
    await bare.dispose();
    await models.close();
  }
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
