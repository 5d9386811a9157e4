import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createLocalModels, type LocalModels } from '../../../test/local-models/server.ts';
import { askModel } from './ask-model.ts';
import { BREAKER_SETTINGS } from './breaker.ts';
import { asking, collect, localTarget, NO_ABORT, testCall } from './call-fixture.ts';
import type { HealthReporter } from './health-reporter.ts';
import { ModelCallError, type ModelTarget } from './model-call.ts';
import { keyFrom, platformKeySource } from './provider-key.ts';
import { streamModel } from './stream-model.ts';
import { providerById } from './table.ts';

let server: LocalModels;
beforeAll(async () => {
  server = await createLocalModels({ port: 0, retryAfterSeconds: 0, tokenDelayMs: 0 });
});
afterAll(() => server.close());
beforeEach(() => server.stats.reset());

const once = { signal: NO_ABORT, attempts: 1 };
/** A provider whose models stand behind one service, played by the local server. */
const gpt: ModelTarget = { modelId: 'openai/swift', provider: 'openai', upstreamName: 'swift' };

interface Recorded {
  readonly health: HealthReporter;
  readonly outcomes: { provider: string; ok: boolean; firstTokenMs?: number }[];
  readonly circuits: { provider: string; state: string; until: number }[];
}

function recorder(): Recorded {
  const outcomes: Recorded['outcomes'] = [];
  const circuits: Recorded['circuits'] = [];
  return {
    outcomes,
    circuits,
    health: {
      record: (provider, outcome) => outcomes.push({ provider, ...outcome }),
      circuit: (provider, circuit) => circuits.push({ provider, ...circuit }),
      limits: () => undefined,
    },
  };
}

/** A call whose time stands where the test puts it. */
function timed() {
  const time = { now: 1_800_000_000_000 };
  const recorded = recorder();
  const { context } = testCall(
    { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: `${server.url}/v1`, LOCAL_MODELS_URL: server.url },
    { clock: { now: () => time.now }, health: recorded.health },
  );
  return { time, context, ...recorded };
}

async function failureOf(work: Promise<unknown>): Promise<ModelCallError> {
  const error = await work.catch((cause: unknown) => cause);
  if (!(error instanceof ModelCallError)) throw new Error(`a ModelCallError was due, not ${String(error)}`);
  return error;
}

const requests = () => server.stats.snapshot().total;

describe('a tenant’s own key', () => {
  it('that leads to a failing server changes neither what others are told of the provider nor their circuit', async () => {
    const { context, circuits, outcomes } = timed();
    const openai = providerById('openai');
    if (openai === undefined) throw new Error('no such provider');
    const settings = { OPENAI_API_KEY: 'theirs', OPENAI_BASE_URL: `${server.url}/v1` };
    const theirs = await keyFrom(openai, settings, 'tenant');
    const withTheirs = { ...context, keySources: [async () => theirs, platformKeySource(context.config)] };
    for (let i = 0; i < BREAKER_SETTINGS.failures; i++)
      await failureOf(askModel(withTheirs, gpt, asking('[[status:500]]'), once));
    const refused = await failureOf(askModel(withTheirs, gpt, asking('Hello'), once));
    expect(refused.error.code).toBe('circuit_open');
    expect([outcomes, circuits]).toEqual([[], []]);
    const answered = await askModel(context, gpt, asking('Hello'), once);
    expect(answered.keyStrategy).toBe('platform');
    expect(outcomes).toMatchObject([{ provider: 'openai', ok: true }]);
  });
});

describe('a provider that keeps failing', () => {
  it('is left alone after enough failures, and let back in by one probe that succeeds', async () => {
    const { time, context, circuits } = timed();
    const fail = () => failureOf(askModel(context, gpt, asking('[[status:500]]'), once));
    for (let i = 0; i < BREAKER_SETTINGS.failures; i++) await fail();
    expect(requests()).toBe(BREAKER_SETTINGS.failures);

    const refused = await failureOf(askModel(context, gpt, asking('Hello'), once));
    expect(refused.error).toMatchObject({ kind: 'overloaded', code: 'circuit_open' });
    expect(refused.retryAfterMs).toBe(BREAKER_SETTINGS.openMs);
    expect(requests()).toBe(BREAKER_SETTINGS.failures);

    time.now += BREAKER_SETTINGS.openMs;
    const probe = askModel(context, gpt, asking('Hello'), once);
    const meanwhile = await failureOf(askModel(context, gpt, asking('Hello'), once));
    expect(meanwhile.error.code).toBe('circuit_open');
    await probe;
    await askModel(context, gpt, asking('Hello'), once);
    expect(requests()).toBe(BREAKER_SETTINGS.failures + 2);
    expect(circuits.map((change) => change.state)).toEqual(['open', 'closed']);
    expect(circuits[0]).toEqual({ provider: 'openai', state: 'open', until: time.now });
  });

  it('stays closed for longer when the probe fails', async () => {
    const { time, context } = timed();
    for (let i = 0; i < BREAKER_SETTINGS.failures; i++)
      await failureOf(askModel(context, gpt, asking('[[status:500]]'), once));
    time.now += BREAKER_SETTINGS.openMs;
    await failureOf(askModel(context, gpt, asking('[[status:500]]'), once));
    const refused = await failureOf(askModel(context, gpt, asking('Hello'), once));
    expect(refused.retryAfterMs).toBe(2 * BREAKER_SETTINGS.openMs);
  });

  it('is given up in the middle of a call’s attempts, for the next target', async () => {
    const { context } = timed();
    const answer = await askModel(context, gpt, asking('[[status:500]]'), {
      signal: NO_ABORT,
      attempts: 9,
      fallbacks: [],
    }).catch((error: unknown) => error);
    expect(requests()).toBe(BREAKER_SETTINGS.failures);
    expect(answer).toMatchObject({ error: { code: 'circuit_open' } });
  });

  it('gives the probe’s place back when the prober goes away', async () => {
    const { time, context } = timed();
    for (let i = 0; i < BREAKER_SETTINGS.failures; i++)
      await failureOf(askModel(context, gpt, asking('[[status:500]]'), once));
    time.now += BREAKER_SETTINGS.openMs;
    const silent = { ...gpt, upstreamName: 'silent' };
    const stop = new AbortController();
    const probe = failureOf(askModel(context, silent, asking('Hello'), { ...once, signal: stop.signal }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    await probe;
    await askModel(context, gpt, asking('Hello'), once);
  });
});

describe('failures that are not the provider’s', () => {
  it.each([400, 401, 404, 429])('(status %i) close nothing', async (status) => {
    const { context } = timed();
    for (let i = 0; i < 2 * BREAKER_SETTINGS.failures; i++)
      await failureOf(askModel(context, gpt, asking(`[[status:${status}]]`), once));
    await askModel(context, gpt, asking('Hello'), once);
  });

  it('such as a hurried caller’s time-outs close nothing', async () => {
    const { context } = timed();
    const silent = { ...gpt, upstreamName: 'silent' };
    const hurried = { ...once, timeouts: { totalMs: 5 } };
    await Promise.all(
      Array.from({ length: 2 * BREAKER_SETTINGS.failures }, () =>
        failureOf(streamModel(context, silent, asking('Hello'), hurried)),
      ),
    );
    await askModel(context, gpt, asking('Hello'), once);
  });
});

describe('circuits are apart', () => {
  it('for two keys of one provider', async () => {
    const { context } = timed();
    for (let i = 0; i < BREAKER_SETTINGS.failures; i++)
      await failureOf(askModel(context, gpt, asking('[[status:500]]'), once));
    const other = timed();
    const sameBreakers = { ...other.context, breakers: context.breakers };
    await failureOf(askModel(sameBreakers, gpt, asking('Hello'), once));
    const otherKey = testCall(
      { OPENAI_API_KEY: 'another', OPENAI_BASE_URL: `${server.url}/v1` },
      context.breakers === undefined ? {} : { breakers: context.breakers },
    );
    await askModel(otherKey.context, gpt, asking('Hello'), once);
  });

  it('for two models where each is a server of its own, and the provider’s is not said to be open', async () => {
    const { context, circuits } = timed();
    for (let i = 0; i < BREAKER_SETTINGS.failures; i++)
      await failureOf(askModel(context, localTarget('overloaded'), asking('Hello'), once));
    const refused = await failureOf(askModel(context, localTarget('overloaded'), asking('Hello'), once));
    expect(refused.error.code).toBe('circuit_open');
    await askModel(context, localTarget('swift'), asking('Hello'), once);
    expect(circuits).toEqual([]);
  });
});

describe('what is reported of a call', () => {
  it('streamed to its end: a success with the time to its first content', async () => {
    const { context, outcomes } = timed();
    const stream = await streamModel(context, localTarget('swift'), asking('Hello'), once);
    await collect(stream.events);
    expect(outcomes).toEqual([{ provider: 'local', ok: true, firstTokenMs: 0 }]);
  });

  it('answered whole: a success without one', async () => {
    const { context, outcomes } = timed();
    await askModel(context, localTarget('swift'), asking('Hello'), once);
    expect(outcomes).toEqual([{ provider: 'local', ok: true }]);
  });

  it('cut in the middle: one failure', async () => {
    const { context, outcomes } = timed();
    const stream = await streamModel(context, localTarget('cut'), asking('Hello'), once);
    await collect(stream.events);
    expect(outcomes).toEqual([{ provider: 'local', ok: false, firstTokenMs: 0 }]);
  });

  it('left in the middle by its caller: a success, the provider did its part', async () => {
    const { context, outcomes } = timed();
    const stream = await streamModel(context, localTarget('slow'), asking('Hello'), once);
    await stream.events.return();
    expect(outcomes).toEqual([{ provider: 'local', ok: true, firstTokenMs: 0 }]);
  });

  it('cancelled before the first event: nothing', async () => {
    const { context, outcomes } = timed();
    const stop = new AbortController();
    const work = failureOf(
      streamModel(context, localTarget('silent'), asking('Hello'), { ...once, signal: stop.signal }),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    stop.abort();
    await work;
    expect(outcomes).toEqual([]);
  });

  it('limited: each attempt a failure, the answer a success', async () => {
    const { context, outcomes } = timed();
    const stream = await streamModel(context, localTarget('rate-limited'), asking('Hello'), {
      signal: NO_ABORT,
    });
    await collect(stream.events);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([false, false, true]);
  });

  it('refused for its own fault: nothing', async () => {
    const { context, outcomes } = timed();
    await failureOf(askModel(context, localTarget('swift'), asking('[[status:400]]'), once));
    expect(outcomes).toEqual([]);
  });
});
