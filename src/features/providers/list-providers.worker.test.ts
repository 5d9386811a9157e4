import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant, ORIGIN } from '../../../test/worker/client.ts';
import { type ProviderView, providerListSchema } from '../../contracts/models.ts';
import { systemClock } from '../../platform/clock.ts';
import { createLogger } from '../../platform/log.ts';
import { configWith } from './call-fixture.ts';
import { askModel, checkProviders, createCallContext, PROVIDERS, streamModel } from './index.ts';

/** The local model server of the test run. */
const settings = { LOCAL_MODELS_URL: String(Reflect.get(env, 'LOCAL_MODELS_URL')) };
const log = createLogger({}, () => undefined);
const context = () => createCallContext(env, configWith(settings), log);
const target = (name: string) => ({ modelId: `local/${name}`, provider: 'local', upstreamName: name });
const request = { messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'Hello' }] }] };

let client: Client;
beforeAll(async () => {
  client = await newTenant();
});

async function providers(): Promise<ProviderView[]> {
  const response = await client.fetch('/v1/providers');
  expect(response.status).toBe(200);
  return providerListSchema.parse(await response.json()).data;
}

describe('GET /v1/providers', () => {
  it('is not for strangers', async () => {
    expect((await exports.default.fetch(`${ORIGIN}/v1/providers`)).status).toBe(401);
  });

  it('lists every provider, and what those that cannot be used would need', async () => {
    const list = await providers();
    expect(list.map((provider) => provider.id)).toEqual(PROVIDERS.map((provider) => provider.id));
    expect(list.find((provider) => provider.id === 'local')).toMatchObject({ available: true, needs: [] });
    expect(list.find((provider) => provider.id === 'openai')).toMatchObject({
      available: false,
      needs: ['OPENAI_API_KEY'],
      health: { state: 'unknown', circuit: 'closed', check: null, window: { calls: 0, success_rate: null } },
    });
  });
});

describe('in the Workers runtime', () => {
  it('a streamed call, its failures and the active check become the provider’s health', async () => {
    const health = env.PROVIDER_HEALTH.getByName('local');
    const before = await health.summary();
    const stream = await streamModel(context(), target('swift'), request, {
      signal: new AbortController().signal,
    });
    const types: string[] = [];
    for await (const event of stream.events) types.push(event.type);
    expect(types.at(-1)).toBe('end');
    const failed = askModel(context(), target('overloaded'), request, {
      signal: new AbortController().signal,
      attempts: 1,
    });
    await expect(failed).rejects.toMatchObject({ error: { kind: 'overloaded' } });
    await checkProviders(env, configWith(settings), systemClock, log);

    await expect.poll(async () => (await health.summary()).calls - before.calls, { timeout: 30_000 }).toBe(2);
    const summary = await health.summary();
    expect(summary.succeeded - before.succeeded).toBe(1);
    expect(summary.firstTokenP50Ms).toBeGreaterThan(0);
    expect(summary.check).toMatchObject({ ok: true, error: null });
  });

  it('leaving a stream early closes the connection to the provider', async () => {
    const aborted = async () =>
      (await (await fetch(`${settings.LOCAL_MODELS_URL}/_stats`)).json<{ abortedTotal: number }>())
        .abortedTotal;
    const before = await aborted();
    const stream = await streamModel(context(), target('slow'), request, {
      signal: new AbortController().signal,
    });
    for await (const event of stream.events) if (event.type === 'text') break;
    await expect.poll(aborted, { timeout: 30_000 }).toBe(before + 1);
  });

  it('cancelling ends a pending read with an error event', async () => {
    const stop = new AbortController();
    const stream = await streamModel(context(), target('slow'), request, { signal: stop.signal });
    await stream.events.next();
    stop.abort();
    const events = [];
    for await (const event of stream.events) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
  });

  it('a provider that never answers times out', async () => {
    const work = streamModel(context(), target('silent'), request, {
      signal: new AbortController().signal,
      attempts: 1,
      timeouts: { headersMs: 60 },
    });
    await expect(work).rejects.toMatchObject({ error: { kind: 'timeout' } });
  });

  it('a connection cut in the middle is an error event', async () => {
    const stream = await streamModel(context(), target('cut'), request, {
      signal: new AbortController().signal,
    });
    const events = [];
    for await (const event of stream.events) events.push(event);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
  });
});
