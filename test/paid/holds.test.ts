import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { usageEvents, writeUsage } from '../../src/features/metering/index.ts';
import { learnedStatements, refreshAnswerLengths } from '../../src/features/routing/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { createLogger } from '../../src/platform/log.ts';
import { type Client, newTenant } from '../worker/client.ts';
import { ask, type Json, putModel, SHAPE_NAMES } from '../worker/gateway-client.ts';
import { usageEvent } from '../worker/usage-events.ts';

/** Dollars per million tokens: an answer of 1,200 tokens does not fit into the dollar that a tenant begins with. */
const DEAR = { input: 0, output: 1_000 };

beforeAll(async () => {
  await putModel('openai/priceless', { upstream_name: 'swift', category: 'chat' });
  await putModel('openai/halfpriced', { upstream_name: 'swift', category: 'chat', pricing: { input: 1 } });
  await putModel('openai/gratis', {
    upstream_name: 'swift',
    category: 'chat',
    pricing: { input: 0, output: 0 },
  });
  await putModel('openai/swift', { category: 'chat', pricing: { input: 2, output: 10 } });
  for (const name of ['terse', 'wordy'])
    await putModel(`openai/${name}`, { upstream_name: 'swift', category: 'chat', pricing: DEAR });
  const said = (model: string, outputTokens: number, feature: 'chat' | 'perspective') =>
    Array.from({ length: 200 }, (_, i) =>
      usageEvent({
        id: `call_${model}_${feature}_${i}`,
        at: systemClock.now(),
        model,
        feature,
        keyStrategy: 'platform',
        status: 'ok',
        errorKind: null,
        outputTokens,
      }),
    );
  await writeUsage(
    env.DB,
    [...said('openai/terse', 300, 'chat'), ...said('openai/wordy', 4_000, 'perspective')],
    learnedStatements,
  );
  await refreshAnswerLengths(
    env,
    systemClock,
    createLogger({}, () => undefined),
  );
});

const recorded = (client: Client) =>
  tenantDb(env.DB, client).select(usageEvents, { where: undefined, limit: 20 });

describe('a model whose price nobody has told', () => {
  it.for(SHAPE_NAMES)(
    'is not asked with the platform’s key over %s, and says what to do',
    async (shape, { expect }) => {
      const client = await newTenant();
      for (const model of ['openai/priceless', 'openai/halfpriced']) {
        const response = await ask(client, shape, model, 'Hello');
        expect(response.status).toBe(400);
        const { error } = await response.json<Json>();
        expect(error.message).toMatch(/price of openai\/\w+ is not known.*own key for openai.*operator/);
        if (shape !== 'messages') expect(error.code).toBe('model_unpriced');
      }
      expect(await recorded(client)).toEqual([]);
    },
  );

  it('leaves the request to a fallback that has one', async ({ expect }) => {
    const client = await newTenant();
    const response = await ask(client, 'chat', 'openai/priceless', 'Hello', {
      body: { models: ['openai/swift'] },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-parallax-model')).toBe('openai/swift');
    await expect.poll(async () => (await recorded(client)).length, { timeout: 8_000 }).toBe(1);
    expect((await recorded(client))[0]).toMatchObject({ model: 'openai/swift', priced: true });
  });

  it('is in no run on the platform’s keys', async ({ expect }) => {
    const client = await newTenant();
    const response = await client.fetch('/v1/perspectives', {
      body: { prompt: 'Is water wet?', models: ['openai/swift', 'openai/priceless'] },
    });
    expect(response.status).toBe(400);
    expect(await response.json<Json>()).toMatchObject({
      code: 'model_unpriced',
      detail: expect.stringContaining('openai/priceless'),
    });
  });

  it('is another than one that the operator says is free', async ({ expect }) => {
    const client = await newTenant();
    const response = await ask(client, 'chat', 'openai/gratis', 'Hello');
    expect(response.status).toBe(200);
    await expect.poll(async () => (await recorded(client)).length, { timeout: 8_000 }).toBe(1);
    expect((await recorded(client))[0]).toMatchObject({ priced: true, chargeNano: 0 });
  });
});

describe('what is held', () => {
  const needed = async (client: Client, model: string): Promise<number | null> => {
    const response = await ask(client, 'chat', model, 'Hello');
    const answer = await response.json<Json>();
    return response.status === 402 ? answer.error.needed_nano_usd : null;
  };

  it('is what the model’s answers were learned to be: a short one is let in, a usual one is not', async () => {
    const client = await newTenant();
    // What an isolate does not know yet is held at what is usual: 1,200 tokens at 1,000,000 nano-dollars, and a tenth.
    expect(await needed(client, 'openai/wordy')).toBeGreaterThanOrEqual(1_320_000_000);
    await expect.poll(() => needed(client, 'openai/terse'), { timeout: 8_000 }).toBeNull();
  });

  it('for a run goes by the answers in runs', async () => {
    const client = await newTenant();
    const body = { prompt: 'Is water wet?', models: ['openai/wordy'] };
    const quote = await (await client.fetch('/v1/perspectives/quote', { body })).json<Json>();
    expect(quote.lines[0].expected_output_tokens).toBeGreaterThan(3_500);
    const response = await client.fetch('/v1/perspectives', { body });
    expect(response.status).toBe(402);
    expect((await response.json<Json>()).needed_nano_usd).toBeGreaterThan(3_500_000_000);
  });
});
