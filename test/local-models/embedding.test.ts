import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embed } from './embedding.ts';
import type { LocalModels } from './server.ts';
import { ask, quickModels } from './wire-client.ts';

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

describe('lexical embeddings', () => {
  it('have unit length for every text and dimension', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 600 }), (text, dimensions) => {
        const vector = embed(text, dimensions);
        expect(vector).toHaveLength(dimensions);
        expect(cosine(vector, vector)).toBeCloseTo(1, 4);
      }),
    );
  });

  it('are nearer for texts with common words, inflected or not, than for strangers', () => {
    const asked = embed('How do I cache database queries?', 256);
    const near = embed('Caching a database query saves time', 256);
    const far = embed('The gardener planted roses along the old wall', 256);
    expect(cosine(asked, near)).toBeGreaterThan(cosine(asked, far) + 0.25);
  });
});

describe('POST /v1/embeddings', () => {
  let models: LocalModels;
  beforeAll(async () => {
    models = await quickModels();
  });
  afterAll(() => models.close());
  const request = (body: object) =>
    ask(`${models.url}/v1/embeddings`, { model: 'embed', input: 'tea', ...body });

  it('gives 256 dimensions, or as many as asked, one vector for each input', async () => {
    const usual = await request({});
    expect(usual.json).toMatchObject({
      object: 'list',
      model: 'embed',
      data: [{ object: 'embedding', index: 0 }],
      usage: { prompt_tokens: 1, total_tokens: 1 },
    });
    expect(usual.json.data?.[0]?.embedding).toHaveLength(256);
    const two = await request({ input: ['tea', 'coffee'], dimensions: 16 });
    expect(two.json.data?.[1]?.embedding).toHaveLength(16);
  });

  it('encodes the same numbers as base64', async () => {
    const floats = (await request({})).json.data?.[0]?.embedding as unknown as number[];
    const bytes = Buffer.from(
      String((await request({ encoding_format: 'base64' })).json.data?.[0]?.embedding),
      'base64',
    );
    expect(Array.from({ length: 256 }, (_unused, index) => bytes.readFloatLE(index * 4))).toEqual(floats);
  });

  it.each([
    ['no input', { input: undefined }, 400],
    ['an empty text', { input: '' }, 400],
    ['a wrong type', { input: [true] }, 400],
    ['too many dimensions', { dimensions: 100_000 }, 400],
    ['a model that does not embed', { model: 'swift' }, 404],
    ['an overloaded model', { model: 'overloaded' }, 503],
    ['a model that refuses', { model: 'refuses' }, 400],
  ])('refuses %s', async (_what, body, status) => {
    expect((await request(body)).status).toBe(status);
  });
});
