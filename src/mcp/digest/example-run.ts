import type { Run } from '../../contracts/perspectives.ts';

export interface ExampleAnswer {
  readonly content: string;
  readonly stance?: string | null;
  readonly failed?: boolean;
}

export interface ExampleRun {
  readonly answers: readonly ExampleAnswer[];
  readonly conclusion?: string | null;
  readonly claims?: readonly string[];
  readonly fallback?: string;
  readonly status?: Run['status'];
}

/** A run as the contract describes it, for tests: one perspective an answer, and a merge when there is a conclusion. */
export function exampleRun({
  answers,
  conclusion = null,
  claims = [],
  fallback,
  status = 'completed',
}: ExampleRun): Run {
  const models = answers.map((_, index) => `local/model-${index}`);
  return {
    id: 'run_01JD3ZEXAMPLE0000000000000',
    object: 'run',
    status,
    prompt: 'Queue or cron?',
    created_at: '2026-11-20T10:00:00.000Z',
    completed_at: status === 'running' ? null : '2026-11-20T10:00:05.000Z',
    continue_from: null,
    perspectives: answers.map(({ content, stance, failed }, index) => ({
      index,
      model: models[index] ?? '',
      provider: 'local',
      stance: stance ?? null,
      status: failed === true ? 'failed' : 'completed',
      content,
      finish_reason: 'stop',
      usage: { input_tokens: 12, output_tokens: 340 + index },
      cost_usd: 0.001_25,
      latency_ms: 1234,
      first_token_ms: 200,
      key_strategy: 'platform',
      ...(failed === true
        ? { error: { code: 'upstream_failed', message: 'The provider broke off.', retryable: true } }
        : {}),
    })),
    merge:
      conclusion === null
        ? null
        : {
            strategy: 'consensus',
            model: 'local/sage',
            content: conclusion,
            quality: 0.8,
            contributions: models.map((model, perspective) => ({
              perspective,
              model,
              weight: 1 / models.length,
            })),
            agreements: [{ claim: 'Both work', perspectives: models.map((_, index) => index), models }],
            disagreements: claims.map((claim) => ({
              claim,
              positions: models.map((model, perspective) => ({
                perspective,
                model,
                holds: 'yes' as const,
                statement: `${model} holds it.`,
              })),
            })),
            fallback: fallback === undefined ? null : { from: 'debate', reason: fallback },
            notes: [],
            usage: { input_tokens: 100, output_tokens: 50 },
            cost_usd: 0.000_5,
          },
    memory: { injected: false, sources: [] },
    usage: { input_tokens: 124, output_tokens: 1000, cost_usd: 0.003, balance_usd: null },
    receipt: { total_nano_usd: 3_000_000, lines: [] },
  };
}
