import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalModels, type LocalModels } from '../../../test/local-models/server.ts';
import { askModel } from './ask-model.ts';
import { asking, localTarget, NO_ABORT, testCall } from './call-fixture.ts';
import { type ConversationResponse, WIRE_FORMATS } from './conversation.ts';
import { ModelCallError } from './model-call.ts';

let server: LocalModels;
beforeAll(async () => {
  server = await createLocalModels({ port: 0, retryAfterSeconds: 0, tokenDelayMs: 0 });
});
afterAll(() => server.close());
beforeEach(() => server.stats.reset());

const options = { signal: NO_ABORT };
const call = () => testCall({ LOCAL_MODELS_URL: server.url }).context;

function textOf(response: ConversationResponse): string {
  return (response.choices[0]?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');
}

async function failureOf(work: Promise<unknown>): Promise<ModelCallError> {
  const error = await work.catch((cause: unknown) => cause);
  if (!(error instanceof ModelCallError)) throw new Error(`a ModelCallError was due, not ${String(error)}`);
  return error;
}

function requestsOf(model: string): number {
  return Object.values(server.stats.snapshot().requests[model] ?? {}).reduce((sum, count) => sum + count, 0);
}

describe('a call answered whole', () => {
  it.each(WIRE_FORMATS)('in %s has text, a reason to end and usage', async (wire) => {
    const answer = await askModel(
      call(),
      localTarget('swift', wire),
      asking('Why is the sky blue?'),
      options,
    );
    expect(textOf(answer.response).length).toBeGreaterThan(20);
    expect(answer.response.choices[0]?.finishReason).toBe('stop');
    expect(answer.response.usage.outputTokens).toBeGreaterThan(0);
    expect(answer).toMatchObject({ keyStrategy: 'none', failures: [] });
  });

  it.each(WIRE_FORMATS)('in %s comes after two 429s', async (wire) => {
    const answer = await askModel(call(), localTarget('rate-limited', wire), asking('Hello'), options);
    expect(answer.failures).toHaveLength(2);
    expect(requestsOf('rate-limited')).toBe(3);
  });

  it.each(WIRE_FORMATS)('in %s from an overloaded provider fails after three attempts', async (wire) => {
    const error = await failureOf(
      askModel(call(), localTarget('overloaded', wire), asking('Hello'), options),
    );
    expect(error.error.kind).toBe('overloaded');
    expect(requestsOf('overloaded')).toBe(3);
  });

  it.each(WIRE_FORMATS)('in %s that is broken JSON is malformed and not asked for again', async (wire) => {
    const error = await failureOf(askModel(call(), localTarget('malformed', wire), asking('Hello'), options));
    expect(error.error.kind).toBe('malformed');
    expect(requestsOf('malformed')).toBe(1);
  });

  it.each(WIRE_FORMATS)('in %s that is another format’s is malformed', async (wire) => {
    const error = await failureOf(
      askModel(call(), localTarget('swift', wire), asking('[[wrong-format]]'), options),
    );
    expect(error.error.kind).toBe('malformed');
  });

  it.each(WIRE_FORMATS)('in %s that is cut off is a connection failure, asked for again', async (wire) => {
    const error = await failureOf(askModel(call(), localTarget('cut', wire), asking('Hello'), options));
    expect(error.error.kind).toBe('connection');
    expect(requestsOf('cut')).toBe(3);
  });

  it('that never comes times out with the time for headers and first event together', async () => {
    const error = await failureOf(
      askModel(call(), localTarget('silent'), asking('Hello'), {
        ...options,
        attempts: 1,
        timeouts: { headersMs: 30, firstEventMs: 20 },
      }),
    );
    expect(error.error).toMatchObject({ kind: 'timeout' });
    expect(error.message).toContain('50 ms');
  });

  it('larger than any honest one is malformed, and is not read to its end', async () => {
    const error = await failureOf(
      askModel(call(), localTarget('swift'), asking(`[[sse-line:${33 * 1024 * 1024}]]`), {
        ...options,
        attempts: 1,
      }),
    );
    expect(error.error.kind).toBe('malformed');
    expect(error.message).toContain('32 MiB');
  });

  it('comes from the next target when the first is given up', async () => {
    const answer = await askModel(call(), localTarget('overloaded'), asking('Hello'), {
      ...options,
      fallbacks: [localTarget('scribe', 'gemini')],
    });
    expect(answer.target.modelId).toBe('local/scribe');
    expect(answer.failures).toHaveLength(3);
  });

  it('stops when the caller does, and the provider sees it', async () => {
    const stop = new AbortController();
    const work = askModel(call(), localTarget('silent'), asking('Hello'), { signal: stop.signal });
    for (let i = 0; i < 100 && requestsOf('silent') === 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect((await failureOf(work)).error.code).toBe('cancelled');
    for (let i = 0; i < 100 && server.stats.snapshot().openRequests > 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(server.stats.snapshot().abortedTotal).toBe(1);
  });

  it('says what the format could not carry', async () => {
    const answer = await askModel(
      call(),
      localTarget('swift', 'anthropic-messages'),
      asking('Hello', { seed: 7 }),
      options,
    );
    expect(answer.dropped.map((drop) => drop.path)).toContain('seed');
  });
});
