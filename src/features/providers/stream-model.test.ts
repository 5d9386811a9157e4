import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalModels, type LocalModels } from '../../../test/local-models/server.ts';
import { asking, collect, localTarget, NO_ABORT, testCall } from './call-fixture.ts';
import { WIRE_FORMATS } from './conversation.ts';
import { ModelCallError } from './model-call.ts';
import { streamModel } from './stream-model.ts';

let server: LocalModels;
beforeAll(async () => {
  server = await createLocalModels({ port: 0, retryAfterSeconds: 0, tokenDelayMs: 0 });
});
afterAll(() => server.close());
beforeEach(() => server.stats.reset());

const call = (more = {}) => testCall({ LOCAL_MODELS_URL: server.url }, more);
const options = { signal: NO_ABORT };

/** Requests that reached the server for a model, in any format. */
function requestsOf(model: string): number {
  return Object.values(server.stats.snapshot().requests[model] ?? {}).reduce((sum, count) => sum + count, 0);
}

async function failureOf(work: Promise<unknown>): Promise<ModelCallError> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof ModelCallError)) throw new Error(`a ModelCallError was due, not ${String(error)}`);
  return error;
}

/** Waits, briefly, until the server has noticed. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a streamed call', () => {
  it.each(WIRE_FORMATS)('in %s gives a start, text, a finish, usage and an end', async (wire) => {
    const stream = await streamModel(
      call().context,
      localTarget('swift', wire),
      asking('Why is the sky blue?'),
      options,
    );
    const { text, types, events } = await collect(stream.events);
    expect(types[0]).toBe('start');
    expect(types.at(-1)).toBe('end');
    expect(types).toContain('finish');
    expect(text.length).toBeGreaterThan(20);
    const usage = events.findLast((event) => event.type === 'usage');
    expect(usage?.usage.inputTokens).toBeGreaterThan(0);
    expect(usage?.usage.outputTokens).toBeGreaterThan(0);
    expect(stream).toMatchObject({ keyStrategy: 'none', failures: [], target: { modelId: 'local/swift' } });
    expect(requestsOf('swift')).toBe(1);
  });

  it('closes the connection only after the answer is whole, so that the provider sees no abort', async () => {
    const stream = await streamModel(call().context, localTarget('swift'), asking('Hello'), options);
    await collect(stream.events);
    await until(() => server.stats.snapshot().openRequests === 0);
    expect(server.stats.snapshot().abortedTotal).toBe(0);
  });

  it('gives a refusal as an answer, not as a failure', async () => {
    const stream = await streamModel(call().context, localTarget('refuses'), asking('Hello'), options);
    const { events } = await collect(stream.events);
    const refused = events.some(
      (event) => event.type === 'refusal' || (event.type === 'finish' && event.reason === 'refusal'),
    );
    expect(refused).toBe(true);
    expect(events.at(-1)?.type).toBe('end');
  });
});

describe('before the first event', () => {
  it.each(WIRE_FORMATS)('two 429s in %s are waited out and the third attempt answers', async (wire) => {
    const { context, waits } = call();
    const stream = await streamModel(context, localTarget('rate-limited', wire), asking('Hello'), options);
    expect((await collect(stream.events)).types.at(-1)).toBe('end');
    expect(stream.failures.map((failure) => failure.error.kind)).toEqual(['rate_limited', 'rate_limited']);
    expect(requestsOf('rate-limited')).toBe(3);
    expect(waits).toHaveLength(2);
  });

  it.each(WIRE_FORMATS)(
    'an overloaded provider in %s is asked three times and then given up',
    async (wire) => {
      const error = await failureOf(
        streamModel(call().context, localTarget('overloaded', wire), asking('Hello'), options),
      );
      expect(error.error.kind).toBe('overloaded');
      expect(error.failures).toHaveLength(3);
      expect(requestsOf('overloaded')).toBe(3);
    },
  );

  it('makes as many attempts as it is told', async () => {
    const error = await failureOf(
      streamModel(call().context, localTarget('overloaded'), asking('Hello'), { ...options, attempts: 1 }),
    );
    expect(error.failures).toHaveLength(1);
    expect(requestsOf('overloaded')).toBe(1);
  });

  it.each([400, 401, 403, 404, 413, 422, 501])('status %i is not tried again', async (status) => {
    const error = await failureOf(
      streamModel(call().context, localTarget('swift'), asking(`[[status:${status}]]`), options),
    );
    expect(error.error.status).toBe(status);
    expect(requestsOf('swift')).toBe(1);
  });

  it.each([408, 409, 429, 500, 502, 503, 504, 529])('status %i is tried again', async (status) => {
    await failureOf(
      streamModel(call().context, localTarget('swift'), asking(`[[status:${status}]]`), options),
    );
    expect(requestsOf('swift')).toBe(3);
  });

  it('a provider that sends no headers times out, attempt by attempt', async () => {
    const error = await failureOf(
      streamModel(call().context, localTarget('silent'), asking('Hello'), {
        ...options,
        attempts: 2,
        timeouts: { headersMs: 40 },
      }),
    );
    expect(error.error).toMatchObject({ kind: 'timeout' });
    expect(error.error.message).toContain('40 ms');
    expect(requestsOf('silent')).toBe(2);
    await until(() => server.stats.snapshot().openRequests === 0);
    expect(server.stats.snapshot().openRequests).toBe(0);
  });

  it('headers without content time out too', async () => {
    const error = await failureOf(
      streamModel(call().context, localTarget('swift'), asking('[[stall:0]] Hello'), {
        ...options,
        attempts: 1,
        timeouts: { firstEventMs: 40 },
      }),
    );
    expect(error.error.kind).toBe('timeout');
    await until(() => server.stats.snapshot().openRequests === 0);
    expect(server.stats.snapshot().openRequests).toBe(0);
  });

  it('the time of the whole call ends every attempt and wait', async () => {
    const startedAt = Date.now();
    const error = await failureOf(
      streamModel(call().context, localTarget('silent'), asking('Hello'), {
        ...options,
        timeouts: { totalMs: 60 },
      }),
    );
    expect(error.error).toMatchObject({ kind: 'timeout', code: 'total_timeout' });
    expect(Date.now() - startedAt).toBeLessThan(400);
    expect(requestsOf('silent')).toBe(1);
  });

  it.each(WIRE_FORMATS)('an error event as the first word in %s is a failed attempt', async (wire) => {
    const error = await failureOf(
      streamModel(call().context, localTarget('swift', wire), asking('[[error-after:0]]'), options),
    );
    expect(error.failures).toHaveLength(3);
  });

  it('a server that is not there is a connection failure, tried again', async () => {
    const { context } = testCall({ LOCAL_MODELS_URL: 'http://127.0.0.1:9' });
    const error = await failureOf(streamModel(context, localTarget('swift'), asking('Hello'), options));
    expect(error.error).toMatchObject({ kind: 'connection' });
    expect(error.failures).toHaveLength(3);
    expect(error.message).not.toContain('127.0.0.1');
  });
});

describe('after the first event', () => {
  it.each(WIRE_FORMATS)('a cut connection in %s is an error event and is not tried again', async (wire) => {
    const stream = await streamModel(call().context, localTarget('cut', wire), asking('Hello'), options);
    const { events, text } = await collect(stream.events);
    expect(text.length).toBeGreaterThan(0);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
    expect(requestsOf('cut')).toBe(1);
  });

  it.each(WIRE_FORMATS)('broken JSON in %s is an error event of kind malformed', async (wire) => {
    const stream = await streamModel(
      call().context,
      localTarget('malformed', wire),
      asking('Hello'),
      options,
    );
    const { events } = await collect(stream.events);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'malformed' } });
    expect(requestsOf('malformed')).toBe(1);
  });

  it.each(WIRE_FORMATS)('an error event of the provider in %s ends the stream', async (wire) => {
    const stream = await streamModel(
      call().context,
      localTarget('swift', wire),
      asking('[[error-after:3]]'),
      options,
    );
    const { events } = await collect(stream.events);
    expect(events.at(-1)?.type).toBe('error');
    expect(events.filter((event) => event.type === 'end')).toEqual([]);
  });

  it('silence in the middle times out', async () => {
    const stream = await streamModel(call().context, localTarget('swift'), asking('[[stall:3]] Hello'), {
      ...options,
      timeouts: { idleMs: 40 },
    });
    const { events } = await collect(stream.events);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'timeout' } });
    await until(() => server.stats.snapshot().openRequests === 0);
    expect(server.stats.snapshot().abortedTotal).toBe(1);
  });

  it('a reader who takes its time is no silence of the provider', async () => {
    const stream = await streamModel(call().context, localTarget('swift'), asking('Hello'), {
      ...options,
      timeouts: { idleMs: 30 },
    });
    await stream.events.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await collect(stream.events)).types.at(-1)).toBe('end');
  });

  it('an event longer than any honest one is malformed', async () => {
    const stream = streamModel(
      call().context,
      localTarget('swift'),
      asking(`[[sse-line:${9 * 1024 * 1024}]]`),
      { ...options, attempts: 1 },
    );
    const failure = await stream.then(
      async ({ events }) => (await collect(events)).events.at(-1),
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ error: { kind: 'malformed' } });
  });
});

describe('fallbacks', () => {
  const fallbacks = [localTarget('overloaded'), localTarget('sage', 'anthropic-messages')];

  it('are tried in order, and the answer says which one gave it and what failed before', async () => {
    const stream = await streamModel(call().context, localTarget('overloaded'), asking('Hello'), {
      ...options,
      attempts: 2,
      fallbacks,
    });
    expect(stream.target.modelId).toBe('local/sage');
    expect(stream.failures).toHaveLength(4);
    expect((await collect(stream.events)).types.at(-1)).toBe('end');
  });

  it('are not asked for a request that is wrong everywhere', async () => {
    const error = await failureOf(
      streamModel(call().context, localTarget('swift'), asking('[[status:400]]'), { ...options, fallbacks }),
    );
    expect(error.failures).toHaveLength(1);
    expect(requestsOf('sage')).toBe(0);
  });

  it('stand in for a provider without a key', async () => {
    const openai = { modelId: 'openai/gpt-5', provider: 'openai', upstreamName: 'gpt-5' };
    const stream = await streamModel(call().context, openai, asking('Hello'), {
      ...options,
      fallbacks: [localTarget('swift')],
    });
    expect(stream.target.modelId).toBe('local/swift');
    expect(stream.failures[0]?.error).toMatchObject({ kind: 'authentication', code: 'no_provider_key' });
    expect(stream.failures[0]?.error.message).toContain('OPENAI_API_KEY');
    await stream.events.return();
  });
});

describe('waiting as the provider asks', () => {
  it('a wait longer than what is left of the call fails at once and says when to come back', async () => {
    const slow = await createLocalModels({ port: 0, retryAfterSeconds: 300, tokenDelayMs: 0 });
    try {
      const { context, waits } = testCall({ LOCAL_MODELS_URL: slow.url });
      const error = await failureOf(
        streamModel(context, localTarget('rate-limited'), asking('Hello'), options),
      );
      expect(error.retryAfterMs).toBe(300_000);
      expect(error.failures).toHaveLength(1);
      expect(waits).toEqual([]);
    } finally {
      await slow.close();
    }
  });

  it('a wait that fits is kept to', async () => {
    const slow = await createLocalModels({ port: 0, retryAfterSeconds: 7, tokenDelayMs: 0 });
    try {
      const { context, waits } = testCall({ LOCAL_MODELS_URL: slow.url });
      const stream = await streamModel(context, localTarget('rate-limited'), asking('Hello'), options);
      await stream.events.return();
      for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(7_000);
      expect(waits).toHaveLength(2);
    } finally {
      await slow.close();
    }
  });
});

describe('cancelling', () => {
  it('before the first event ends the call and the connection', async () => {
    const stop = new AbortController();
    const work = streamModel(call().context, localTarget('silent'), asking('Hello'), { signal: stop.signal });
    await until(() => requestsOf('silent') === 1);
    stop.abort();
    const error = await failureOf(work);
    expect(error.error).toMatchObject({ code: 'cancelled' });
    await until(() => server.stats.snapshot().openRequests === 0);
    expect(server.stats.snapshot().abortedTotal).toBe(1);
    expect(requestsOf('silent')).toBe(1);
  });

  it('in the middle is an error event, and the provider sees the connection close', async () => {
    const stop = new AbortController();
    const stream = await streamModel(call().context, localTarget('slow'), asking('Tell me everything'), {
      signal: stop.signal,
    });
    await stream.events.next();
    stop.abort();
    const { events } = await collect(stream.events);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
    await until(() => server.stats.snapshot().openRequests === 0);
    expect(server.stats.snapshot().abortedTotal).toBe(1);
  });

  it('by leaving the events before taking one closes the connection as well', async () => {
    const stream = await streamModel(
      call().context,
      localTarget('slow'),
      asking('Tell me everything'),
      options,
    );
    await stream.events.return();
    await until(() => server.stats.snapshot().openRequests === 0);
    expect(server.stats.snapshot().abortedTotal).toBe(1);
    expect(await stream.events.next()).toEqual({ value: undefined, done: true });
  });

  it('by leaving a loop closes the connection', async () => {
    const stream = await streamModel(
      call().context,
      localTarget('slow'),
      asking('Tell me everything'),
      options,
    );
    for await (const event of stream.events) if (event.type === 'text') break;
    await until(() => server.stats.snapshot().openRequests === 0);
    expect(server.stats.snapshot().abortedTotal).toBe(1);
  });

  it('while waiting for the next attempt ends the call at once', async () => {
    const stop = new AbortController();
    const { context } = call({
      sleep: async (_: number, signal: AbortSignal) => {
        stop.abort();
        signal.throwIfAborted();
      },
    });
    const error = await failureOf(
      streamModel(context, localTarget('overloaded'), asking('Hello'), { signal: stop.signal }),
    );
    expect(error.error).toMatchObject({ code: 'cancelled' });
    expect(requestsOf('overloaded')).toBe(1);
  });

  it('a call that was cancelled before it began asks nobody', async () => {
    const error = await failureOf(
      streamModel(call().context, localTarget('swift'), asking('Hello'), { signal: AbortSignal.abort() }),
    );
    expect(error.error).toMatchObject({ code: 'cancelled' });
    expect(requestsOf('swift')).toBe(0);
  });
});
