import { env } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { beforeAll, describe, it } from 'vitest';
import { usageEvents } from '../../src/features/metering/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { type Client, newTenant, ORIGIN } from '../worker/client.ts';
import {
  ask,
  eventsOf,
  type Json,
  putModel,
  SHAPES,
  type ShapeName,
  textOf,
} from '../worker/gateway-client.ts';

/**
 * Dollars per million tokens: a token of output is 500,000 nano-dollars and a tenth, so the dollar of a new tenant pays 1,818 of them. The answers have 4,000.
 */
const PRICING = { input: 1, output: 500 };
const LONG = '[[heavy:4]]';
const TOKEN = 550_000;

beforeAll(async () => {
  await putModel('openai/long', { upstream_name: 'swift', category: 'chat', pricing: PRICING });
  await putModel('anthropic/long', { upstream_name: 'sage', category: 'chat', pricing: PRICING });
});

const standing = async (client: Client) => {
  const answer = await env.TENANT_LEDGER.getByName(client.tenantId).standing(client.tenantId);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
};
const recorded = async (client: Client) =>
  tenantDb(env.DB, client).select(usageEvents, { where: undefined, limit: 20 });

/** The bodies ask for more than the credit pays. */
const MORE = { chat: {}, responses: {}, messages: { max_tokens: 30_000 } } as const;

/** What a stream says of its end: the format's own word, and the mark. */
function endOf(shape: ShapeName, events: readonly { readonly data: string }[]): Json {
  const all = events.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data) as Json);
  switch (shape) {
    case 'chat': {
      const last = all.find((one) => one.choices?.[0]?.finish_reason != null);
      return [last.choices[0].finish_reason, last.parallax];
    }
    case 'messages': {
      const last = all.find(({ type }) => type === 'message_delta');
      return [last.delta.stop_reason, last.parallax];
    }
    case 'responses': {
      const { response } = all.find(({ type }) => type === 'response.incomplete');
      return [response.incomplete_details.reason, response.parallax];
    }
  }
}
const WORD = { chat: 'length', messages: 'max_tokens', responses: 'max_output_tokens' } as const;
const MARK = { stop_reason: 'credit_limit' };

async function settled(client: Client, expect: Json): Promise<void> {
  await expect.poll(async () => (await recorded(client)).length, { timeout: 10_000 }).toBe(1);
  const [event] = await recorded(client);
  expect(event).toMatchObject({ status: 'ok', errorKind: 'credit_limit', priced: true });
  // All that there was, a tenth beyond, and no token more.
  expect(event?.chargeNano).toBeGreaterThan(0.95e9);
  expect(event?.chargeNano).toBeLessThanOrEqual(1.1e9 + TOKEN);
  await expect.poll(async () => (await standing(client)).balance, { timeout: 10_000 }).toBe(0);
  expect(await standing(client)).toMatchObject({ reserved: 0, available: 0 });
}

describe.concurrent('an answer that outgrows the credit', () => {
  it.for([
    ['chat', 'openai/long', 'annotated'],
    ['chat', 'openai/long', 'exact'],
    ['chat', 'anthropic/long', 'annotated'],
    ['messages', 'anthropic/long', 'exact'],
    ['messages', 'anthropic/long', 'annotated'],
    ['messages', 'openai/long', 'annotated'],
    ['responses', 'openai/long', 'exact'],
    ['responses', 'openai/long', 'annotated'],
    ['responses', 'anthropic/long', 'annotated'],
  ] as const)('is ended in a stream of %s by %s, passed on %s', async ([shape, model, form], { expect }) => {
    const client = await newTenant();
    const events = await eventsOf(
      await ask(client, shape, model, LONG, {
        body: { ...MORE[shape], stream: true },
        headers: { 'x-parallax-stream': form },
      }),
    );
    expect(endOf(shape, events)).toEqual([WORD[shape], MARK]);
    expect(events.some(({ data }) => data.includes('"error":{'))).toBe(false);
    const text = textOf(shape, events);
    expect(text).toMatch(/^(xxx )+$/);
    // 1,818 tokens and a tenth.
    expect(text.length / 4).toBeGreaterThan(1_700);
    expect(text.length / 4).toBeLessThanOrEqual(2_000);
    await settled(client, expect);
  });

  it.for(['chat', 'messages', 'responses'] as const)(
    'is bounded beforehand where it comes whole, over %s',
    async (shape, { expect }) => {
      for (const model of ['openai/long', 'anthropic/long']) {
        const client = await newTenant();
        const response = await ask(client, shape, model, LONG, { body: MORE[shape] });
        expect(response.status).toBe(200);
        const answer = await response.json<Json>();
        expect(answer.parallax).toEqual(MARK);
        if (shape === 'chat') expect(answer.choices[0].finish_reason).toBe('length');
        if (shape === 'messages') expect(answer.stop_reason).toBe('max_tokens');
        if (shape === 'responses') expect(answer.incomplete_details.reason).toBe('max_output_tokens');
        expect(SHAPES[shape].text(answer).length).toBeGreaterThan(1_200);
        await expect.poll(async () => (await recorded(client)).length, { timeout: 10_000 }).toBe(1);
        const [event] = await recorded(client);
        expect(event).toMatchObject({ status: 'ok', errorKind: 'credit_limit' });
        expect(event?.chargeNano).toBeLessThan(1e9);
        await expect
          .poll(async () => (await standing(client)).balance, { timeout: 10_000 })
          .toBe(1e9 - (event?.chargeNano ?? 0));
      }
    },
  );

  it('leaves answers alone that end before, also beside others', async ({ expect }) => {
    const client = await newTenant();
    const answers = await Promise.all(
      ['openai/swift-cheap', 'openai/swift-cheap', 'openai/swift-cheap'].map(async () => {
        await putModel('openai/swift-cheap', {
          upstream_name: 'swift',
          category: 'chat',
          pricing: { input: 2, output: 10 },
        });
        return eventsOf(await ask(client, 'chat', 'openai/swift-cheap', LONG, { body: { stream: true } }));
      }),
    );
    for (const events of answers) {
      expect(endOf('chat', events)).toEqual(['stop', undefined]);
      expect(textOf('chat', events).length).toBe(16_000);
    }
    await expect.poll(async () => (await recorded(client)).length, { timeout: 10_000 }).toBe(3);
    for (const event of await recorded(client))
      expect(event).toMatchObject({ status: 'ok', errorKind: null, estimated: false });
  });
});

describe.concurrent('the official clients', () => {
  const fetch = (input: RequestInfo | URL, init?: RequestInit) =>
    exports.default.fetch(new Request(input as RequestInfo, init));

  it('read an ended chat as one that reached its bound', async ({ expect }) => {
    const client = await newTenant();
    const openai = new OpenAI({ apiKey: client.key, baseURL: `${ORIGIN}/v1`, fetch, maxRetries: 0 });
    const stream = openai.chat.completions.stream({
      model: 'openai/long',
      messages: [{ role: 'user', content: LONG }],
      stream_options: { include_usage: true },
    });
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]?.finish_reason).toBe('length');
    expect(usage?.completion_tokens).toBeGreaterThan(1_500);
  });

  it.for(['openai/long', 'anthropic/long'])(
    'read an ended response of %s as incomplete',
    async (model, { expect }) => {
      const client = await newTenant();
      const openai = new OpenAI({ apiKey: client.key, baseURL: `${ORIGIN}/v1`, fetch, maxRetries: 0 });
      let last: OpenAI.Responses.Response | undefined;
      for await (const event of await openai.responses.create({ model, input: LONG, stream: true }))
        if (event.type === 'response.incomplete') last = event.response;
      expect(last?.status).toBe('incomplete');
      expect(last?.incomplete_details?.reason).toBe('max_output_tokens');
      const [item] = last?.output ?? [];
      const text =
        item?.type === 'message' && item.content[0]?.type === 'output_text' ? item.content[0].text : '';
      expect(text.length).toBeGreaterThan(6_000);
      expect(last?.usage?.output_tokens).toBeGreaterThan(1_500);
    },
  );

  it.for(['openai/long', 'anthropic/long'])(
    'read an ended message of %s as one that reached its bound',
    async (model, { expect }) => {
      const client = await newTenant();
      const anthropic = new Anthropic({ apiKey: client.key, baseURL: ORIGIN, fetch, maxRetries: 0 });
      const message = await anthropic.messages
        .stream({ model, max_tokens: 30_000, messages: [{ role: 'user', content: LONG }] })
        .finalMessage();
      expect(message.stop_reason).toBe('max_tokens');
      expect(message.content[0]).toMatchObject({ type: 'text', text: expect.stringMatching(/^(xxx )+$/) });
      expect(message.usage.output_tokens).toBeGreaterThan(1_500);
    },
  );
});
