import OpenAI from 'openai';
import { beforeAll, describe, it } from 'vitest';
import { addResponder, MODELS, openAi } from './gateway-clients.ts';

beforeAll(addResponder);

describe.concurrent('embeddings of OpenAI’s client', () => {
  it('are vectors of the texts in its usual encoding, and as long as asked', async ({ expect }) => {
    const { data, usage, model } = await openAi().embeddings.create({
      model: 'local/embed',
      input: ['A cat on a mat', 'The tax return of a bank'],
    });
    expect(data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 256],
      [1, 256],
    ]);
    expect(model).toBe('local/embed');
    expect(usage.prompt_tokens).toBeGreaterThan(0);
    const plain = await openAi().embeddings.create({
      model: 'local/embed',
      input: 'A cat on a mat',
      encoding_format: 'float',
    });
    for (const [at, value] of (plain.data[0]?.embedding ?? []).entries())
      expect(data[0]?.embedding[at]).toBeCloseTo(value, 5);
    const short = await openAi().embeddings.create({ model: 'local/embed', input: 'A cat', dimensions: 32 });
    expect(short.data[0]?.embedding).toHaveLength(32);
  });
});

describe.concurrent('models of OpenAI’s client', () => {
  it('are listed and looked up', async ({ expect }) => {
    const ids: string[] = [];
    for await (const { id } of openAi().models.list()) ids.push(id);
    expect(ids).toEqual(expect.arrayContaining([...MODELS]));
    const model = await openAi().models.retrieve('local/swift');
    expect(model).toMatchObject({ id: 'local/swift', object: 'model', owned_by: 'local' });
    const error = await openAi()
      .models.retrieve('local/nosuch')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  });
});
