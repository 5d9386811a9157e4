import { describe, expect, it } from 'vitest';
import { fieldsFrom, operatorModelIdSchema, operatorModelSchema } from './operator-model.ts';
import { overlayFieldsSchema } from './overlay.ts';

const fields = (body: unknown) => fieldsFrom(operatorModelSchema.parse(body));

describe('what an operator says of a model', () => {
  it('is kept in nano-dollars, with only what was said', () => {
    const kept = fields({
      tier: 'premium',
      upstream_name: 'real-name',
      context_window: 1000,
      max_output_tokens: null,
      pricing: {
        input: 1.25,
        cached_input: 0.125,
        output: 10,
        request: 0.005,
        long_context: [{ above_input_tokens: 200_000, input: 2.5, output: 15 }],
      },
    });
    expect(kept).toEqual({
      tier: 'premium',
      upstreamName: 'real-name',
      contextWindow: 1000,
      maxOutputTokens: null,
      prices: {
        input: 1_250_000_000,
        cachedInput: 125_000_000,
        output: 10_000_000_000,
        request: 5_000_000_000_000,
        longContext: [
          {
            aboveInputTokens: 200_000,
            input: 2_500_000_000,
            output: 15_000_000_000,
            request: 5_000_000_000_000,
          },
        ],
      },
    });
    expect(overlayFieldsSchema.safeParse(JSON.parse(JSON.stringify(kept))).success).toBe(true);
  });

  it('sorts the tiers of long context, and tells no price from an empty one', () => {
    const tiers = [20, 10].map((above) => ({ above_input_tokens: above, input: above, output: 1 }));
    expect(
      fields({ pricing: { input: 1, output: 1, long_context: tiers } }).prices?.longContext?.map(
        (tier) => tier.aboveInputTokens,
      ),
    ).toEqual([10, 20]);
    expect(fields({ pricing: null })).toEqual({ prices: null });
    expect(fields({})).toEqual({});
  });

  it.each([
    { pricing: { input: -1 } },
    { pricing: { input: Number.NaN } },
    { pricing: { input: 1e12 } },
    { pricing: { per_image: 1 } },
    { tier: 'gold' },
    { capabilities: ['telepathy'] },
    { aliases: ['two words'] },
    { context_window: 0 },
    { unknown: true },
    [],
    null,
  ])('is refused as %j', (body) => {
    expect(operatorModelSchema.safeParse(body).success).toBe(false);
  });

  it('is said of a model of a provider that there is', () => {
    for (const id of ['local/swift', 'huggingface/org/model:server', 'azure/my-deployment'])
      expect(operatorModelIdSchema.safeParse(id).success, id).toBe(true);
    for (const id of [
      'swift',
      'nobody/x',
      'local/',
      'local/two words',
      `local/${'x'.repeat(300)}`,
      '/x',
      'locally/x',
    ]) {
      expect(operatorModelIdSchema.safeParse(id).success, id).toBe(false);
    }
  });

  it('takes every price that it says it takes, and refuses what no integer can hold', () => {
    const most = { input: 1_000_000, output: 1_000_000, request: 9 };
    expect(fields({ pricing: most })).toMatchObject({ prices: { request: 9_000_000_000_000_000 } });
    for (const request of [9.1, 1_000_000])
      expect(operatorModelSchema.safeParse({ pricing: { request } }).success).toBe(false);
  });

  it('is said of an id without control characters, which lists and terminals would obey', () => {
    for (const id of ['local/a\u0000b', 'local/a\u007f', 'local/\u001b[2J'])
      expect(operatorModelIdSchema.safeParse(id).success).toBe(false);
  });
});
