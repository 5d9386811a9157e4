import { findProvider } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { modelListSchema } from '../../contracts/models.ts';
import { createLogger } from '../../platform/log.ts';
import { bundledSource } from './bundled/source.ts';
import { createCatalog } from './catalog.ts';
import { listModels, type ModelFilter } from './list.ts';
import { LOCAL_MODELS } from './local.ts';

const { source } = bundledSource(findProvider, Date.parse('2026-11-20T12:00:00Z'));
const catalog = createCatalog({
  bundled: source,
  extra: new Map([['local', LOCAL_MODELS]]),
  rows: [],
  providers: [...source.providers, 'local'],
  isAvailable: (provider) => provider === 'local' || provider === 'openai',
  log: createLogger({}, () => undefined),
});
const ids = (filter: ModelFilter, limit = 1000) =>
  listModels(catalog, filter, limit).data.map(({ id }) => id);

describe('the list of models', () => {
  it('has what can be used, in the contract’s shape, without the fault models', () => {
    const { data, nextCursor } = listModels(catalog, {}, 1000);
    expect(data.map(({ owned_by }) => owned_by)).toEqual(expect.arrayContaining(['local', 'openai']));
    expect(data.every(({ available }) => available)).toBe(true);
    expect(data.some(({ id }) => id === 'local/slow')).toBe(false);
    expect(nextCursor).toBeNull();
    expect(
      modelListSchema.safeParse({ object: 'list', data, has_more: false, next_cursor: null }).success,
    ).toBe(true);
  });

  it('has all of a provider that is named, and says of each whether it can be used', () => {
    const { data } = listModels(catalog, { provider: 'Anthropic' }, 1000);
    expect(data.length).toBeGreaterThan(10);
    expect(data.every(({ available, owned_by }) => !available && owned_by === 'anthropic')).toBe(true);
    expect(ids({ provider: 'anthropic', available: true })).toEqual([]);
    expect(ids({ provider: 'nobody' })).toEqual([]);
  });

  it('has with `available=false` what a key would add', () => {
    const { data } = listModels(catalog, { available: false }, 1000);
    expect(data.some(({ available }) => available)).toBe(false);
    expect(data.length).toBe(1000);
  });

  it('is narrowed by category, capability, tier and part of a name, together', () => {
    expect(ids({ category: 'embedding', provider: 'local' })).toEqual(['local/embed']);
    expect(ids({ q: 'SAGE' })).toEqual(['local/sage']);
    expect(ids({ tier: 'eco', provider: 'local', category: 'chat' })).toEqual(['local/scribe']);
    const seeing = listModels(catalog, { capability: 'vision', tier: 'premium' }, 1000).data;
    expect(seeing.length).toBeGreaterThan(0);
    expect(seeing.every((model) => model.capabilities.includes('vision') && model.tier === 'premium')).toBe(
      true,
    );
  });

  it('comes in pages that together are the whole, each model once', () => {
    const whole = ids({});
    const paged: string[] = [];
    let cursor: string | undefined;
    do {
      const page = listModels(catalog, {}, 7, cursor);
      paged.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(paged).toEqual(whole);
  });

  it('says prices in dollars per million, and null for one that is not known', () => {
    const [sonnet] = listModels(catalog, { provider: 'anthropic', q: 'sonnet-4-5' }, 1).data;
    expect(sonnet?.pricing).toEqual({
      input: 3,
      cached_input: 0.3,
      cache_write: 3.75,
      output: 15,
      long_context: { above_input_tokens: 200_000, input: 6, output: 22.5 },
    });
    expect(listModels(catalog, { q: 'whisper-1' }, 1).data[0]?.pricing).toBeNull();
    expect(listModels(catalog, { q: 'text-embedding-3-small' }, 1).data[0]?.pricing?.output).toBeNull();
  });
});
