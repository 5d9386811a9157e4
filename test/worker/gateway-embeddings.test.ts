import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant } from './client.ts';
import type { Json } from './gateway-client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const embed = (body: object) => client.fetch('/v1/embeddings', { body: { model: 'local/embed', ...body } });

describe('embeddings', () => {
  it('give one vector an input, in order, with what they cost', async () => {
    const response = await embed({ input: ['the sea', 'a ship'] });
    expect(response.status).toBe(200);
    const { data, usage, model, object } = await response.json<Json>();
    expect({ object, model }).toEqual({ object: 'list', model: 'local/embed' });
    expect(data.map(({ index }: Json) => index)).toEqual([0, 1]);
    expect(data[0].embedding.length).toBeGreaterThan(10);
    expect(data[0].embedding).not.toEqual(data[1].embedding);
    expect(usage.prompt_tokens).toBeGreaterThan(0);
    expect(response.headers.get('x-parallax-model')).toBe('local/embed');
    expect(response.headers.get('x-parallax-cost-usd')).toBe('0');
  });

  it('come as base64 of the same floats when asked so', async () => {
    const plain = (await (await embed({ input: 'the sea' })).json<Json>()).data[0].embedding as number[];
    const base64 = (await (await embed({ input: 'the sea', encoding_format: 'base64' })).json<Json>()).data[0]
      .embedding;
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const floats = new Float32Array(bytes.buffer);
    expect(floats).toHaveLength(plain.length);
    for (const [at, value] of plain.entries()) expect(floats[at]).toBeCloseTo(value, 5);
  });

  it('are not made by a chat model, and fall back where one is named', async () => {
    const refused = await embed({ model: 'local/swift', input: 'x' });
    expect(refused.status).toBe(400);
    expect((await refused.json<Json>()).error.code).toBe('unsupported_parameter');
  });

  it.each([
    [{ input: [] }, 'input'],
    [{ input: 5 }, 'input'],
    [{ input: 'x', dimensions: 0 }, 'dimensions'],
    [{}, 'input'],
  ])('of %j are a 400 that names %s', async (body, param) => {
    const response = await embed(body);
    expect(response.status).toBe(400);
    expect((await response.json<Json>()).error.param).toBe(param);
  });
});
