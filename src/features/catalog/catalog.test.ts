import { findProvider } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../platform/errors.ts';
import { createLogger } from '../../platform/log.ts';
import { PROVIDERS } from '../providers/index.ts';
import { bundledSource } from './bundled/source.ts';
import { type Catalog, type CatalogParts, createCatalog } from './catalog.ts';
import { LOCAL_MODELS } from './local.ts';
import type { Model } from './model.ts';
import { type OverlayFields, type OverlayRow, unlisted } from './overlay.ts';
import { priceOf } from './prices.ts';

const { source } = bundledSource(findProvider, Date.parse('2026-11-20T12:00:00Z'));

interface Given {
  readonly usable?: readonly string[];
  readonly rows?: readonly OverlayRow[];
  readonly extra?: ReadonlyMap<string, readonly Model[]>;
  readonly awsRegion?: string;
  readonly lines?: string[];
}

function catalogWith({
  usable = ['local'],
  rows = [],
  extra = new Map(),
  awsRegion,
  lines = [],
}: Given = {}): Catalog {
  const parts: CatalogParts = {
    bundled: source,
    extra: new Map([['local', LOCAL_MODELS], ...extra]),
    rows,
    providers: PROVIDERS.map(({ id }) => id),
    isAvailable: (provider) => usable.includes(provider),
    awsRegion,
    log: createLogger({}, (_, line) => lines.push(line)),
  };
  return createCatalog(parts);
}

function row(rowSource: OverlayRow['source'], id: string, fields: OverlayFields | null): OverlayRow {
  return { source: rowSource, id, fields: fields === null ? null : JSON.stringify(fields), revision: 1 };
}

function refusal(work: () => unknown): ParallaxError {
  try {
    work();
  } catch (error) {
    if (error instanceof ParallaxError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const USAGE = {
  inputTokens: 1000,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 100,
  reasoningTokens: 0,
};

describe('a model’s name', () => {
  it('is its id, whatever its case', () => {
    const catalog = catalogWith();
    expect(catalog.find('anthropic/claude-opus-5')?.id).toBe('anthropic/claude-opus-5');
    expect(catalog.find(' Anthropic/Claude-Opus-5 ')?.id).toBe('anthropic/claude-opus-5');
    expect(catalog.find('huggingface/qwen/qwen3-32b:GROQ')?.id).toBe('huggingface/Qwen/Qwen3-32B:groq');
  });

  it('may be bare when one provider has it', () => {
    const catalog = catalogWith();
    expect(catalog.find('swift')?.id).toBe('local/swift');
    expect(catalog.find('sonar-pro')?.id).toBe('perplexity/sonar-pro');
    expect(catalog.find('llama-3.1-8b-instant')?.id).toBe('groq/llama-3.1-8b-instant');
  });

  it('means an available provider’s model when it is bare and several have it', () => {
    expect(catalogWith({ usable: ['vertex_ai'] }).find('claude-opus-5')?.id).toBe('vertex_ai/claude-opus-5');
    expect(catalogWith({ usable: ['azure', 'local'] }).find('gpt-6-sol')?.id).toBe('azure/gpt-6-sol');
  });

  it('means the maker’s own when several available providers have it, or none', () => {
    expect(catalogWith({ usable: ['vertex_ai', 'anthropic', 'azure'] }).find('claude-opus-5')?.id).toBe(
      'anthropic/claude-opus-5',
    );
    expect(catalogWith().find('claude-opus-5')?.id).toBe('anthropic/claude-opus-5');
  });

  it('is refused with the candidates when it stays ambiguous', () => {
    const catalog = catalogWith({ usable: ['azure', 'vertex_ai'] });
    expect(catalog.find('claude-opus-5')).toBeUndefined();
    const error = refusal(() => catalog.require('claude-opus-5'));
    expect(error.code).toBe('model_not_found');
    expect(error.message).toContain('azure/claude-opus-5 or vertex_ai/claude-opus-5');
    expect(error.details.candidates).toEqual(['azure/claude-opus-5', 'vertex_ai/claude-opus-5']);
  });

  it('may be dated, with or without its provider', () => {
    const catalog = catalogWith({ usable: ['anthropic'] });
    expect(catalog.find('anthropic/claude-opus-4-5-20251101')?.upstreamName).toBe('claude-opus-4-5-20251101');
    expect(catalog.find('claude-opus-4-5-20251101')?.id).toBe('anthropic/claude-opus-4-5-20251101');
    expect(catalog.find('claude-opus-4.5')?.id).toBe('anthropic/claude-opus-4-5');
  });

  it('may begin with a maker that is itself a provider, when only a server of open weights has it', () => {
    expect(catalogWith({ usable: ['groq'] }).find('openai/gpt-oss-120b')?.id).toBe(
      'groq/openai/gpt-oss-120b',
    );
  });

  it('is refused with the nearest names when there is none like it', () => {
    const error = refusal(() => catalogWith().require('anthropic/claude-opos-5'));
    expect(error.status).toBe(404);
    expect(error.code).toBe('model_not_found');
    expect(error.message).toMatch(
      /^There is no model "anthropic\/claude-opos-5"\. Did you mean .*anthropic\/claude-opus-5.*\?$/,
    );
    expect(error.details.nearest).toContain('anthropic/claude-opus-5');
    expect(refusal(() => catalogWith().require('zzzzqqqq')).message).toContain('GET /v1/models');
    expect(refusal(() => catalogWith().require('x'.repeat(5000))).message.length).toBeLessThan(300);
  });

  it('never offers a fault model as the nearest', () => {
    expect(catalogWith().nearest('local/slown', 5)).not.toContain('local/slow');
  });
});

describe('an alias', () => {
  it('means what serves a purpose on this deployment', () => {
    const local = catalogWith();
    expect(['best', 'fast', 'cheap'].map((name) => local.find(name)?.provider)).toEqual([
      'local',
      'local',
      'local',
    ]);
    expect(catalogWith({ usable: ['local', 'anthropic'] }).find('Best')?.id).toBe(
      'anthropic/claude-opus-5-5',
    );
  });

  it('names nothing where no model can be used', () => {
    expect(catalogWith({ usable: [] }).find('best')).toBeUndefined();
  });

  it('of the operator’s holds, even over an automatic one', () => {
    const rows = [row('operator', 'local/scribe', { aliases: ['best', 'House-Model'] })];
    const catalog = catalogWith({ rows });
    expect(catalog.find('best')?.id).toBe('local/scribe');
    expect(catalog.find('house-model')?.id).toBe('local/scribe');
    expect(catalog.find('local/scribe')?.aliases).toEqual(['best', 'House-Model']);
  });

  it('of a discovered model is its name without the tag', () => {
    const llama = { ...unlisted('ollama/llama3.2:latest'), aliases: ['ollama/llama3.2'] };
    const catalog = catalogWith({ usable: ['ollama'], extra: new Map([['ollama', [llama]]]) });
    expect(catalog.find('ollama/llama3.2')?.id).toBe('ollama/llama3.2:latest');
  });
});

describe('what is known of a model', () => {
  const dollars = (input: number, output: number) => ({
    input: (input * 1e9) as never,
    output: (output * 1e9) as never,
  });

  it('is the operator’s word over models.dev’s, and models.dev’s over the bundled data’s, field by field', () => {
    const id = 'anthropic/claude-opus-5';
    const theirs = row('models.dev', id, {
      name: 'Theirs',
      contextWindow: 2_000_000,
      maxOutputTokens: 64_000,
      prices: dollars(6, 30),
    });
    const ours = row('operator', id, { name: 'Ours', tier: 'eco', prices: dollars(1, 2) });
    expect(catalogWith().find(id)).toMatchObject({
      name: 'Claude Opus 5',
      tier: 'premium',
      contextWindow: 1_000_000,
    });
    expect(catalogWith({ rows: [theirs] }).find(id)).toMatchObject({
      name: 'Theirs',
      tier: 'premium',
      contextWindow: 2_000_000,
      prices: dollars(6, 30),
    });
    for (const rows of [
      [theirs, ours],
      [ours, theirs],
    ]) {
      const model = catalogWith({ rows }).find(id);
      expect(model).toMatchObject({
        name: 'Ours',
        tier: 'eco',
        contextWindow: 2_000_000,
        maxOutputTokens: 64_000,
      });
      expect(model?.prices).toEqual(dollars(1, 2));
    }
  });

  it('keeps the bundled price rules where models.dev agrees on the plain prices, for they say more', () => {
    const id = 'anthropic/claude-sonnet-4-5';
    const bundled = catalogWith().find(id)?.prices;
    const agreed = catalogWith({ rows: [row('models.dev', id, { prices: dollars(3, 15) })] }).find(
      id,
    )?.prices;
    expect(agreed).toEqual(bundled);
    expect(agreed?.longContext).toHaveLength(1);
  });

  it('keeps a price that changes with the hour, which a single price cannot say', () => {
    const id = 'deepseek/deepseek-v4-pro';
    const rows = [row('models.dev', id, { prices: dollars(9, 9) })];
    expect(catalogWith({ rows }).find(id)?.prices).toEqual(catalogWith().find(id)?.prices);
  });

  it('adds and removes single abilities without touching the others', () => {
    const rows = [row('models.dev', 'openai/gpt-4.1', { abilities: { reasoning: true, vision: false } })];
    const capabilities = catalogWith({ rows }).find('openai/gpt-4.1')?.capabilities;
    expect(capabilities).toEqual([
      'tools',
      'structured_output',
      'files',
      'reasoning',
      'streaming',
      'prompt_cache',
    ]);
  });

  it('lets an operator price a local model, which else is free', () => {
    const free = catalogWith().require('local/swift');
    expect(priceOf(free, USAGE)).toBe(0);
    const rows = [row('operator', 'local/swift', { prices: dollars(1, 10) })];
    expect(priceOf(catalogWith({ rows }).require('local/swift'), USAGE)).toBe(1_000_000 + 1_000_000);
  });

  it('lets an operator say that no price is known', () => {
    const rows = [row('operator', 'local/swift', { prices: null })];
    expect(priceOf(catalogWith({ rows }).require('local/swift'), USAGE)).toBeNull();
  });

  it('adds models that only a row knows, with what their names say', () => {
    const rows = [row('operator', 'compatible/claude-opus-9', { contextWindow: 5 })];
    const model = catalogWith({ rows, usable: ['compatible'] }).require('compatible/claude-opus-9');
    expect(model).toMatchObject({
      provider: 'compatible',
      upstreamName: 'claude-opus-9',
      tier: 'premium',
      contextWindow: 5,
      prices: null,
    });
    expect(model.capabilities).toContain('vision');
  });

  it('is as before once a row was taken back, and the model gone that only the row knew', () => {
    const rows = [row('operator', 'local/swift', null), row('operator', 'compatible/x', null)];
    const catalog = catalogWith({ rows });
    expect(catalog.find('local/swift')?.name).toBe('Swift');
    expect(catalog.find('compatible/x')).toBeUndefined();
  });

  it('is served without a row that cannot be read, and the log says which', () => {
    const lines: string[] = [];
    const rows: OverlayRow[] = [
      { source: 'operator', id: 'local/swift', fields: '{"tier":"gold"}', revision: 1 },
      { source: 'operator', id: 'local/sage', fields: 'nonsense', revision: 2 },
    ];
    const catalog = catalogWith({ rows, lines });
    expect(catalog.find('local/swift')?.tier).toBe('normal');
    expect(lines.filter((line) => line.includes('cannot be read'))).toHaveLength(2);
  });
});

describe('a catalog', () => {
  it('lists every model once, by id, with the fault models hidden', () => {
    const all = catalogWith().all();
    expect(all.length).toBeGreaterThan(1000);
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(
      all
        .filter(({ hidden }) => hidden)
        .map(({ upstreamName }) => upstreamName)
        .sort(),
    ).toEqual(['cut', 'malformed', 'overloaded', 'rate-limited', 'refuses', 'silent', 'slow']);
  });

  it('says where a call goes, and in which format when the model has its own', () => {
    const catalog = catalogWith({ awsRegion: 'eu-west-1' });
    expect(catalog.target(catalog.require('local/sage'))).toEqual({
      modelId: 'local/sage',
      provider: 'local',
      upstreamName: 'sage',
      wire: 'anthropic-messages',
    });
    expect(catalog.target(catalog.require('fireworks/glm-5p2')).upstreamName).toBe(
      'accounts/fireworks/models/glm-5p2',
    );
    expect(catalog.target(catalog.require('aws_bedrock/anthropic.claude-opus-5')).upstreamName).toBe(
      'eu.anthropic.claude-opus-5',
    );
  });

  it('chooses a merging model that can be used, or the one that is preferred', () => {
    const catalog = catalogWith();
    expect(catalog.mergeModel().id).toBe('local/sage');
    expect(catalog.mergeModel('swift').id).toBe('local/swift');
    expect(refusal(() => catalog.mergeModel('local/embed')).code).toBe('unsupported_parameter');
    expect(refusal(() => catalog.mergeModel('anthropic/claude-opus-5')).code).toBe('no_provider_key');
    expect(refusal(() => catalog.mergeModel('nope')).code).toBe('model_not_found');
    expect(refusal(() => catalogWith({ usable: [] }).mergeModel()).code).toBe('no_provider_key');
  });

  it('has no trio where no model can be used', () => {
    expect(catalogWith({ usable: [] }).defaultTrio()).toEqual([]);
    expect(
      catalogWith()
        .defaultTrio()
        .map(({ id }) => id),
    ).toEqual(['local/swift', 'local/sage', 'local/scribe']);
  });
});

describe('the offers of a model', () => {
  const ids = (catalog: Catalog, name: string) => catalog.offers(name).map(({ id }) => id);
  const usable = ['anthropic', 'vertex_ai', 'aws_bedrock', 'openrouter', 'groq', 'together', 'openai'];

  it('are the one that was named, then the same model wherever else it can be called', () => {
    const offers = ids(catalogWith({ usable }), 'anthropic/claude-opus-5');
    expect(offers[0]).toBe('anthropic/claude-opus-5');
    expect(offers).toEqual(
      expect.arrayContaining([
        'vertex_ai/claude-opus-5',
        'openrouter/anthropic/claude-opus-5',
        'aws_bedrock/anthropic.claude-opus-5',
      ]),
    );
    for (const id of offers) expect(id).toMatch(/claude-opus-5(?:-v1)?$/);
  });

  it('leave out what cannot be called, also when it was named', () => {
    expect(ids(catalogWith({ usable: ['vertex_ai'] }), 'anthropic/claude-opus-5')).toEqual([
      'vertex_ai/claude-opus-5',
    ]);
    expect(ids(catalogWith(), 'anthropic/claude-opus-5')).toEqual([]);
  });

  it('are all that an ambiguous bare name may mean', () => {
    const catalog = catalogWith({ usable: ['azure', 'vertex_ai'] });
    expect(catalog.find('claude-opus-5')).toBeUndefined();
    expect(ids(catalog, 'claude-opus-5').sort()).toEqual(['azure/claude-opus-5', 'vertex_ai/claude-opus-5']);
  });

  it('of a dated name have its date or none', () => {
    const offers = ids(catalogWith({ usable }), 'anthropic/claude-opus-4-5-20251101');
    expect(offers[0]).toBe('anthropic/claude-opus-4-5-20251101');
    for (const id of offers) expect(id).toMatch(/claude-opus-4[-.]5(?:[-@]20251101)?/);
    expect(offers).toContain('openrouter/anthropic/claude-opus-4.5');
  });

  it('do not hold trial offers, nor models that only begin alike', () => {
    const catalog = catalogWith({ usable: ['openrouter', 'groq'] });
    expect(catalog.find('openrouter/openai/gpt-oss-120b:free')).toBeDefined();
    const offers = ids(catalog, 'groq/openai/gpt-oss-120b');
    expect(offers).toContain('openrouter/openai/gpt-oss-120b');
    expect(offers.some((id) => id.endsWith(':free'))).toBe(false);
    expect(ids(catalogWith({ usable }), 'openai/gpt-5')).not.toContain('openrouter/openai/gpt-5-mini');
  });

  it('are none for a name that means nothing', () => {
    expect(ids(catalogWith({ usable }), 'no-such-model')).toEqual([]);
  });
});

describe('an alias', () => {
  it('is told from a model’s own name', () => {
    const catalog = catalogWith({
      usable: ['local', 'openai'],
      rows: [row('operator', 'openai/gpt-5', { aliases: ['house'] })],
    });
    expect(['best', 'FAST', 'house'].map((name) => catalog.isAlias(name))).toEqual([true, true, true]);
    expect(['gpt-5', 'openai/gpt-5', 'swift', 'nothing'].map((name) => catalog.isAlias(name))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('the candidates', () => {
  it('are chat models that can be called, neither hidden nor retired, and stand-ins only where there is nothing else', () => {
    expect(
      catalogWith()
        .candidates()
        .map(({ id }) => id),
    ).toEqual(['local/swift', 'local/sage', 'local/scribe']);
    const real = catalogWith({ usable: ['local', 'anthropic'] }).candidates();
    expect(real.length).toBeGreaterThan(3);
    for (const model of real) expect(model).toMatchObject({ provider: 'anthropic', deprecated: false });
  });
});
