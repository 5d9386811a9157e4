import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalModels, type LocalModels } from '../../../test/local-models/server.ts';
import { askModel } from './ask-model.ts';
import { asking, collect, NO_ABORT, testCall } from './call-fixture.ts';
import { ModelCallError, type ModelTarget } from './model-call.ts';
import { keyFrom } from './provider-key.ts';
import { streamModel } from './stream-model.ts';
import { providerById } from './table.ts';

let server: LocalModels;
beforeAll(async () => {
  server = await createLocalModels({ port: 0, retryAfterSeconds: 5, tokenDelayMs: 0 });
});
afterAll(() => server.close());
beforeEach(() => server.stats.reset());

const once = { signal: NO_ABORT, attempts: 1 };
const gpt: ModelTarget = { modelId: 'openai/swift', provider: 'openai', upstreamName: 'swift' };
const other: ModelTarget = { modelId: 'openai/scribe', provider: 'openai', upstreamName: 'scribe' };
const claude: ModelTarget = { modelId: 'anthropic/sage', provider: 'anthropic', upstreamName: 'sage' };
const settings = () => ({
  OPENAI_API_KEY: 'k',
  OPENAI_BASE_URL: `${server.url}/v1`,
  ANTHROPIC_API_KEY: 'k',
  ANTHROPIC_BASE_URL: server.url,
});
const requests = () => server.stats.snapshot().total;

async function failureOf(work: Promise<unknown>): Promise<ModelCallError> {
  const error = await work.catch((cause: unknown) => cause);
  if (!(error instanceof ModelCallError)) throw new Error(`a ModelCallError was due, not ${String(error)}`);
  return error;
}

describe('a call whose limit is used up', () => {
  it.each([
    ['whole', askModel],
    [
      'streamed',
      async (...call: Parameters<typeof streamModel>) => {
        const answer = await streamModel(...call);
        await collect(answer.events);
        return answer;
      },
    ],
  ] as const)('waits when it is back within two seconds, %s', async (_form, ask) => {
    const { context, waits } = testCall(settings());
    await ask(context, gpt, asking('[[left:0 1800ms]] Hello'), once);
    expect(waits).toEqual([]);
    await ask(context, gpt, asking('Hello again'), once);
    expect(waits).toHaveLength(1);
    // OpenAI's durations are whole seconds from one second on.
    expect(waits[0]).toBeGreaterThan(1_500);
    expect(waits[0]).toBeLessThanOrEqual(2_100);
    expect(requests()).toBe(2);
  });

  it('goes to the next target when it is not, and nothing is sent to the first', async () => {
    const { context, waits } = testCall(settings());
    await askModel(context, gpt, asking('[[left:0 30000ms]] Hello'), once);
    const answer = await askModel(context, gpt, asking('Hello'), { ...once, fallbacks: [claude] });
    expect(answer.target).toEqual(claude);
    expect(answer.failures).toMatchObject([
      { target: gpt, error: { kind: 'rate_limited', code: 'provider_limit_used_up' } },
    ]);
    expect(waits).toEqual([]);
    expect(server.stats.snapshot().requests.swift).toEqual({ 'openai-chat': 1 });
  });

  it('fails with when to come back when there is no other target, however many attempts it has', async () => {
    const { context, waits } = testCall(settings());
    await askModel(context, gpt, asking('[[left:0 30000ms]] Hello'), once);
    const { error, failures, retryAfterMs } = await failureOf(
      askModel(context, gpt, asking('Hello'), { signal: NO_ABORT, attempts: 3 }),
    );
    expect(error).toMatchObject({ kind: 'rate_limited', code: 'provider_limit_used_up' });
    expect(error.message).toMatch(
      /^The limit of OpenAI for this key and openai\/swift is used up\. Come back in \d+ s/,
    );
    expect(failures).toHaveLength(1);
    expect(retryAfterMs).toBeGreaterThan(25_000);
    expect(retryAfterMs).toBeLessThanOrEqual(30_000);
    expect([waits, requests()]).toEqual([[], 1]);
  });

  it('is told from Anthropic’s headers as from OpenAI’s', async () => {
    const { context } = testCall(settings());
    await askModel(context, claude, asking('[[left:0 30000ms]] Hello'), once);
    const { retryAfterMs } = await failureOf(askModel(context, claude, asking('Hello'), once));
    expect(retryAfterMs).toBeGreaterThan(25_000);
    expect(requests()).toBe(1);
  });

  it('after a 429 is not sent before the time that the provider asked for', async () => {
    const { context } = testCall(settings());
    await failureOf(askModel(context, gpt, asking('[[status:429]]'), once));
    const { error, retryAfterMs } = await failureOf(askModel(context, gpt, asking('Hello'), once));
    expect(error.code).toBe('provider_limit_used_up');
    expect(retryAfterMs).toBeGreaterThan(4_000);
    expect(requests()).toBe(1);
  });

  it('says nothing of another model, nor of another key', async () => {
    const { context } = testCall(settings());
    await askModel(context, gpt, asking('[[left:0 30000ms]] Hello'), once);
    await askModel(context, other, asking('Hello'), once);
    const openai = providerById('openai');
    if (openai === undefined) throw new Error('no such provider');
    const theirs = await keyFrom(openai, { ...settings(), OPENAI_API_KEY: 'theirs' }, 'tenant');
    const withTheirs = { ...context, keySources: [async () => theirs] };
    await askModel(withTheirs, gpt, asking('Hello'), once);
    expect(requests()).toBe(3);
  });

  it('that others take at the same moment goes out once for each that is left', async () => {
    const { context } = testCall(settings());
    await askModel(context, gpt, asking('[[left:1 60000ms]] Hello'), once);
    const calls = Array.from({ length: 10 }, () =>
      askModel(context, gpt, asking('Hello'), once).then(
        () => 'answered',
        (cause: ModelCallError) => cause.error.code,
      ),
    );
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((outcome) => outcome === 'answered')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'provider_limit_used_up')).toHaveLength(9);
    expect(requests()).toBe(2);
  });

  it('that is given up while it waits is not sent', async () => {
    const caller = new AbortController();
    const { context } = testCall(settings(), {
      sleep: async (_, signal) => {
        caller.abort(new Error('gone'));
        signal.throwIfAborted();
      },
    });
    await askModel(context, gpt, asking('[[left:0 900ms]] Hello'), once);
    const { error } = await failureOf(
      askModel(context, gpt, asking('Hello'), { ...once, signal: caller.signal }),
    );
    expect(error.code).toBe('cancelled');
    expect(requests()).toBe(1);
  });

  it('is not waited for longer than the call may take', async () => {
    const { context, waits } = testCall(settings());
    await askModel(context, gpt, asking('[[left:0 900ms]] Hello'), once);
    const { error } = await failureOf(
      askModel(context, gpt, asking('Hello'), { ...once, timeouts: { totalMs: 300 } }),
    );
    expect(error.code).toBe('provider_limit_used_up');
    expect([waits, requests()]).toEqual([[], 1]);
  });

  it('of the platform’s key is told to the provider’s object with the outcome, and a tenant’s is not', async () => {
    const told: string[] = [];
    const health = {
      record: () => told.push('outcome'),
      circuit: () => undefined,
      limits: (provider: string, name: string) =>
        told.push(`${provider} ${name.replace(/^[0-9a-f]{16}/, 'digest')}`),
    };
    const { context } = testCall(settings(), { health });
    await askModel(context, gpt, asking('[[left:0 30000ms]] Hello'), once);
    expect(told).toEqual(['openai digest:swift', 'outcome']);
    const openai = providerById('openai');
    if (openai === undefined) throw new Error('no such provider');
    const theirs = await keyFrom(openai, { ...settings(), OPENAI_API_KEY: 'theirs' }, 'tenant');
    const withTheirs = { ...context, keySources: [async () => theirs] };
    await askModel(withTheirs, gpt, asking('[[left:0 30000ms]]'), once);
    expect(told).toHaveLength(2);
  });
});
