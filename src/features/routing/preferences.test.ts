import { describe, expect, it } from 'vitest';
import { type ProviderPreferences, providerPreferencesSchema } from '../../contracts/routing.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { validate } from '../../platform/http/read-json.ts';
import { arrange, narrow, nothingLeft, readPreferences } from './preferences.ts';
import { modelOf } from './routing-fixture.ts';

const refusal = (work: () => unknown): ParallaxError => {
  try {
    work();
  } catch (error) {
    if (error instanceof ParallaxError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const OFFERS = [
  modelOf('anthropic/claude-opus-5', { usd: [5, 25] }),
  modelOf('vertex_ai/claude-opus-5', { usd: [5, 25] }),
  modelOf('openrouter/anthropic/claude-opus-5', { usd: [6, 30], capabilities: ['streaming'] }),
  modelOf('deepseek/claude-opus-5', { usd: null }),
];
const DEMAND = { needs: ['tools' as const], inputTokens: 100, maxOutputTokens: null };

/** Ids that preferences leave, in the order in which they are tried. */
function kept(given: ProviderPreferences): string[] {
  const preferences = readPreferences(given);
  const { offers, removedBy } = narrow(OFFERS, preferences, DEMAND);
  if (removedBy !== null) throw nothingLeft('claude-opus-5', removedBy);
  const figures = {
    anthropic: { costNano: 500, firstTokenMs: 900, msPerToken: 20 },
    vertex_ai: { costNano: 500, firstTokenMs: 700, msPerToken: 25 },
    openrouter: { costNano: 600, firstTokenMs: 1_200, msPerToken: 10 },
    deepseek: { costNano: null, firstTokenMs: 300, msPerToken: 5 },
  } as const;
  return arrange(offers, preferences, ({ provider }) => figures[provider as keyof typeof figures]).map(
    ({ provider }) => provider,
  );
}
const ALL = ['anthropic', 'vertex_ai', 'openrouter', 'deepseek'];

describe('provider preferences', () => {
  it('leave everything as it is when they say nothing', () => {
    expect(kept({})).toEqual(ALL);
    expect(kept({ order: null, only: null, sort: null, max_price: null, allow_fallbacks: null })).toEqual(
      ALL,
    );
  });

  it('take `only` and leave out `ignore`, by our names and by OpenRouter’s, whatever their case', () => {
    expect(kept({ only: ['Google-Vertex', 'ANTHROPIC'] })).toEqual(['anthropic', 'vertex_ai']);
    expect(kept({ ignore: ['openrouter', 'deepseek'] })).toEqual(['anthropic', 'vertex_ai']);
    expect(kept({ only: ['anthropic', 'vertex_ai'], ignore: ['anthropic'] })).toEqual(['vertex_ai']);
  });

  it('try the providers of `order` first, and no others without fallbacks', () => {
    expect(kept({ order: ['openrouter', 'google-vertex'] })).toEqual([
      'openrouter',
      'vertex_ai',
      'anthropic',
      'deepseek',
    ]);
    expect(kept({ order: ['openrouter', 'vertex_ai'], allow_fallbacks: false })).toEqual([
      'openrouter',
      'vertex_ai',
    ]);
    expect(kept({ allow_fallbacks: false })).toEqual(['anthropic']);
  });

  it('sort by price, latency or throughput, an unknown price last, `order` before all', () => {
    expect(kept({ sort: 'price' })).toEqual(['anthropic', 'vertex_ai', 'openrouter', 'deepseek']);
    expect(kept({ sort: 'latency' })).toEqual(['deepseek', 'vertex_ai', 'anthropic', 'openrouter']);
    expect(kept({ sort: { by: 'throughput', partition: 'model' } })).toEqual([
      'deepseek',
      'openrouter',
      'anthropic',
      'vertex_ai',
    ]);
    expect(kept({ sort: 'latency', order: ['openrouter'] })[0]).toBe('openrouter');
  });

  it('keep within a price, and never take an unknown one for a low one', () => {
    expect(kept({ max_price: { prompt: 5, completion: 25 } })).toEqual(['anthropic', 'vertex_ai']);
    expect(kept({ max_price: { prompt: 5.999999 } })).toEqual(['anthropic', 'vertex_ai']);
    expect(kept({ max_price: { completion: 1_000 } })).toEqual(['anthropic', 'vertex_ai', 'openrouter']);
    const fee = [modelOf('perplexity/sonar')].map((model) => ({
      ...model,
      prices: { ...model.prices, request: 12_000_000_000_000 } as typeof model.prices,
    }));
    const within = (request: number) =>
      narrow(fee, readPreferences({ max_price: { request } }), DEMAND).offers.length;
    expect([within(0.012), within(0.0119)]).toEqual([1, 0]);
  });

  it('deny providers that train on inputs, or whose terms do not say that they do not', () => {
    expect(kept({ data_collection: 'deny' })).toEqual(['anthropic', 'vertex_ai']);
    expect(kept({ data_collection: 'allow' })).toEqual(ALL);
  });

  it('require that an offer can do all that the request asks, when they say so', () => {
    expect(kept({ require_parameters: true })).toEqual(['anthropic', 'vertex_ai', 'deepseek']);
  });
});

describe('preferences that leave nothing', () => {
  it.each([
    ['only', { only: ['groq'] }, /offered by anthropic, vertex_ai, openrouter and deepseek alone/],
    ['ignore', { ignore: ['anthropic', 'vertex_ai', 'openrouter', 'deepseek'] }, /alone/],
    ['order', { order: ['groq'], allow_fallbacks: false }, /allow_fallbacks/],
    ['data_collection', { only: ['deepseek'], data_collection: 'deny' }, /deepseek may train/],
    ['max_price', { max_price: { prompt: 0.01 } }, /costs more/],
    ['require_parameters', { only: ['openrouter'], require_parameters: true }, /no offer uses tools/],
  ] as const)('say that it was `%s` that took the last offer away', (field, given, words) => {
    const error = refusal(() => kept(given as ProviderPreferences));
    expect(error.code).toBe('invalid_parameter');
    expect(error.param).toBe(`provider.${field}`);
    expect(error.message).toMatch(words);
  });
});

describe('what cannot be kept is refused, never ignored', () => {
  it.each([
    ['provider.zdr', { zdr: true }],
    ['provider.quantizations', { quantizations: ['fp8'] }],
    ['provider.only[1]', { only: ['anthropic', 'anthropc'] }],
    ['provider.order[0]', { order: ['google-vertex/europe'] }],
    ['provider.ignore[0]', { ignore: ['deepinfra/turbo'] }],
  ])('%s', (param, given) => {
    const error = refusal(() => readPreferences(given));
    expect(error.code).toBe('invalid_parameter');
    expect(error.param).toBe(param);
  });

  it('but a provider that OpenRouter has and we have not is let through, and serves nothing', () => {
    expect(kept({ ignore: ['deepinfra', 'novita'] })).toEqual(ALL);
    expect(kept({ order: ['deepinfra', 'openrouter'] })[0]).toBe('openrouter');
    expect(kept({ zdr: false, quantizations: [] })).toEqual(ALL);
  });

  it.each([
    [{ sort: 'cheapest' }, 'sort'],
    [{ preferred_min_throughput: 50 }, 'preferred_min_throughput'],
    [{ max_price: { image: 1 } }, 'max_price.image'],
    [{ max_price: { prompt: 'cheap' } }, 'max_price.prompt'],
    [{ max_price: { prompt: '99999999999' } }, 'max_price.prompt'],
    [{ order: 'anthropic' }, 'order'],
    [{ allow_fallbacks: 'no' }, 'allow_fallbacks'],
  ])('%j names the field', (given, param) => {
    expect(refusal(() => validate(providerPreferencesSchema, given)).param).toBe(param);
  });

  it('takes prices as numbers and as texts', () => {
    expect(
      validate(providerPreferencesSchema, { max_price: { prompt: '0.5', completion: 2 } }).max_price,
    ).toEqual({
      prompt: 0.5,
      completion: 2,
    });
  });
});
