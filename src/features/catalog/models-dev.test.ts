import { describe, expect, it } from 'vitest';
import { readModelsDev } from './models-dev.ts';
import { overlayFieldsSchema } from './overlay.ts';

const model = (id: string, more: object = {}) => ({ id, name: id.toUpperCase(), ...more });
const read = (file: unknown) => new Map(readModelsDev(file).models.map(({ id, fields }) => [id, fields]));

describe('the list of models.dev', () => {
  it('becomes rows in our words: prices in nano-dollars, abilities that are stated, a day as Unix seconds', () => {
    const fields = read({
      openai: {
        models: {
          'gpt-5.5': model('gpt-5.5', {
            reasoning: true,
            tool_call: true,
            structured_output: true,
            release_date: '2026-04-23',
            modalities: { input: ['text', 'image', 'pdf'], output: ['text'] },
            cost: {
              input: 5,
              output: 30,
              cache_read: 0.5,
              tiers: [{ tier: { size: 272_000 }, input: 10, output: 45, cache_read: 1 }],
            },
            limit: { context: 1_050_000, input: 922_000, output: 128_000 },
            something_new: { of: 'tomorrow' },
          }),
        },
      },
    }).get('openai/gpt-5.5');
    expect(fields).toEqual({
      name: 'GPT-5.5',
      abilities: {
        tools: true,
        reasoning: true,
        structured_output: true,
        vision: true,
        audio_input: false,
        files: true,
      },
      contextWindow: 1_050_000,
      maxOutputTokens: 128_000,
      prices: {
        input: 5_000_000_000,
        cachedInput: 500_000_000,
        output: 30_000_000_000,
        longContext: [
          {
            aboveInputTokens: 272_000,
            input: 10_000_000_000,
            cachedInput: 1_000_000_000,
            output: 45_000_000_000,
          },
        ],
      },
      created: 1_776_902_400,
    });
    expect(overlayFieldsSchema.safeParse(JSON.parse(JSON.stringify(fields))).success).toBe(true);
  });

  it('reads the older way to say a long-context price', () => {
    const cost = { input: 1, output: 2, cache_read: 0.1, context_over_200k: { input: 3, output: 4 } };
    expect(
      read({ google: { models: { a: model('a', { cost }) } } }).get('google/a')?.prices?.longContext,
    ).toEqual([
      { aboveInputTokens: 200_000, input: 3_000_000_000, cachedInput: 100_000_000, output: 4_000_000_000 },
    ]);
  });

  it('says nothing of an ability that is not mentioned, and no price when half of it is missing', () => {
    const fields = read({ groq: { models: { a: model('a', { cost: { input: 1 } }) } } }).get('groq/a');
    expect(fields).toEqual({ name: 'A', abilities: {} });
  });

  it('uses our ids of providers, and the names that a provider knows', () => {
    const rows = read({
      'amazon-bedrock': {
        models: {
          a: model('anthropic.claude-opus-5'),
          b: model('eu.anthropic.claude-opus-5'),
          c: model('meta.llama3-3-70b'),
        },
      },
      'fireworks-ai': { models: { a: model('accounts/fireworks/models/glm-5p2') } },
      togetherai: { models: { a: model('Qwen/Qwen3.5-9B') } },
      'a-provider-we-do-not-have': { models: { a: model('x') } },
    });
    expect([...rows.keys()]).toEqual([
      'aws_bedrock/anthropic.claude-opus-5',
      'fireworks/glm-5p2',
      'together/Qwen/Qwen3.5-9B',
    ]);
    expect(rows.get('fireworks/glm-5p2')?.upstreamName).toBe('accounts/fireworks/models/glm-5p2');
  });

  it('leaves out models that answer in pictures or sound alone', () => {
    const file = {
      xai: {
        models: {
          a: model('imagine', { modalities: { input: ['text'], output: ['image'] } }),
          b: model('grok-5'),
        },
      },
    };
    expect([...read(file).keys()]).toEqual(['xai/grok-5']);
  });

  it('leaves out and counts a model that cannot be read, and keeps the others', () => {
    const models = {
      a: model('a'),
      b: { id: 'b' },
      c: model('c', { cost: { input: -1, output: 1 } }),
      d: null,
      e: model('e', { limit: { context: 'large' } }),
    };
    const { models: readable, unreadable } = readModelsDev({ mistral: { models } });
    expect(readable.map(({ id }) => id)).toEqual(['mistral/a']);
    expect(unreadable).toBe(4);
  });

  it('is refused when it is something else altogether', () => {
    for (const file of [null, [], 'x', 7, { openai: 7 }, { openai: { models: [] } }]) {
      expect(() => readModelsDev(file), JSON.stringify(file)).toThrow();
    }
  });
});
