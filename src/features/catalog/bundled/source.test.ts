import { findProvider } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { bundledSource } from './source.ts';
import { bedrockProfile } from './sources.ts';

const NOON = Date.parse('2026-11-20T12:00:00Z');
const { source } = bundledSource(findProvider, NOON);
const idsOf = (provider: string) => source.modelsOf(provider).map(({ id }) => id);
const modelNamed = (id: string) =>
  source.modelsOf(id.slice(0, id.indexOf('/'))).find((model) => model.id === id);
const at = (time: string, id: string) => {
  const models = bundledSource(findProvider, Date.parse(time)).source.modelsOf(id.slice(0, id.indexOf('/')));
  return models.find((model) => model.id === id)?.prices?.input;
};

describe('the bundled models', () => {
  it('are there for every provider that the price data knows, each id once', () => {
    for (const provider of source.providers) {
      const ids = idsOf(provider);
      expect(ids.length, provider).toBeGreaterThan(0);
      expect(new Set(ids.map((id) => id.toLowerCase())).size, provider).toBe(ids.length);
      for (const id of ids) expect(id.startsWith(`${provider}/`), id).toBe(true);
    }
  });

  it('have prices, windows and tiers of long context in our units', () => {
    expect(modelNamed('anthropic/claude-sonnet-4-5')).toMatchObject({
      upstreamName: 'claude-sonnet-4-5',
      contextWindow: 200_000,
      prices: {
        input: 3_000_000_000,
        cachedInput: 300_000_000,
        cacheWrite: 3_750_000_000,
        output: 15_000_000_000,
        longContext: [{ aboveInputTokens: 200_000, input: 6_000_000_000, output: 22_500_000_000 }],
      },
    });
    expect(modelNamed('perplexity/sonar')?.prices?.request).toBe(12_000_000_000_000);
  });

  it('leave out what no format of ours reaches: fine-tunes, OCR, completion models, Converse-only models of Bedrock', () => {
    expect(idsOf('openai').some((id) => /ft:|davinci|gpt-oss/.test(id))).toBe(false);
    expect(idsOf('mistral').some((id) => id.includes('ocr'))).toBe(false);
    expect(idsOf('google').some((id) => id.includes('claude'))).toBe(false);
    expect(idsOf('aws_bedrock').some((id) => id.includes('nova') || id.includes('llama'))).toBe(false);
    expect(idsOf('vertex_ai')).toContain('vertex_ai/claude-opus-5');
  });

  it('are called by the names that their providers know', () => {
    expect(modelNamed('fireworks/glm-5p2')?.upstreamName).toBe('accounts/fireworks/models/glm-5p2');
    expect(modelNamed('cohere/command-a-03-2025')?.upstreamName).toBe('command-a-03-2025');
    expect(modelNamed('mistral/codestral-latest')?.upstreamName).toBe('codestral-latest');
    expect(modelNamed('aws_bedrock/anthropic.claude-opus-4-6-v1')?.upstreamName).toBe(
      'anthropic.claude-opus-4-6-v1',
    );
    expect(idsOf('huggingface')).toContain('huggingface/meta-llama/Llama-3.3-70B-Instruct:groq');
  });

  it('count as free only where the data says so in words, and as not priced where it is silent', () => {
    const free = source.modelsOf('openrouter').filter(({ upstreamName }) => upstreamName.endsWith(':free'));
    expect(free.length).toBeGreaterThan(10);
    expect(free.every(({ prices }) => prices?.input === 0 && prices.output === 0)).toBe(true);
    expect(modelNamed('google/gemma-4-31b-it')?.prices).toBeNull();
    expect(modelNamed('openai/whisper-1')?.prices).toBeNull();
  });
});

describe('a price that changes with time', () => {
  it('follows the hour of the day', () => {
    const peak = at('2026-11-20T02:00:00Z', 'deepseek/deepseek-v4-pro');
    const off = at('2026-11-20T12:00:00Z', 'deepseek/deepseek-v4-pro');
    expect(peak).toBe(1_320_000_000);
    expect(off).toBe(660_000_000);
    expect(at('2026-11-20T01:00:00Z', 'deepseek/deepseek-v4-pro')).toBe(peak);
    expect(at('2026-11-20T00:59:59.999Z', 'deepseek/deepseek-v4-pro')).toBe(off);
    expect(at('2026-11-20T04:00:00Z', 'deepseek/deepseek-v4-pro')).toBe(off);
    expect(source.pricedByTheHour('deepseek/deepseek-v4-pro')).toBe(true);
    expect(source.pricedByTheHour('anthropic/claude-opus-5')).toBe(false);
  });

  it('follows the date from which it holds', () => {
    expect(at('2025-06-09T23:59:59Z', 'openai/o3')).toBe(10_000_000_000);
    expect(at('2025-06-10T00:00:00Z', 'openai/o3')).toBe(2_000_000_000);
  });

  it('makes the models valid only until the next change, which is never further away than a day', () => {
    for (const time of ['2026-11-20T00:00:00Z', '2026-11-20T05:59:59Z', '2026-11-20T23:59:59Z']) {
      const now = Date.parse(time);
      const { validUntil } = bundledSource(findProvider, now);
      expect(validUntil).toBeGreaterThan(now);
      expect(validUntil).toBeLessThanOrEqual(now + 86_400_000);
    }
    expect(bundledSource(findProvider, Date.parse('2026-11-20T05:59:59Z')).validUntil).toBe(
      Date.parse('2026-11-20T06:00:00Z'),
    );
  });
});

describe('a name that is not listed', () => {
  const served = (provider: string, name: string) => source.variant(provider, name)?.upstreamName;

  it('means the very version when it has a date, at its model’s price', () => {
    const dated = source.variant('anthropic', 'claude-opus-4-5-20251101');
    expect(dated).toMatchObject({
      id: 'anthropic/claude-opus-4-5-20251101',
      upstreamName: 'claude-opus-4-5-20251101',
    });
    expect(dated?.prices).toEqual(modelNamed('anthropic/claude-opus-4-5')?.prices);
    expect(served('openai', 'gpt-4o-2024-08-06')).toBe('gpt-4o-2024-08-06');
    expect(served('openai', 'gpt-6-sol-2026-10-01')).toBe('gpt-6-sol-2026-10-01');
    expect(served('anthropic', 'claude-3-5-haiku-20241022')).toBe('claude-3-5-haiku-20241022');
    expect(served('vertex_ai', 'claude-sonnet-4-5@20250929')).toBe('claude-sonnet-4-5@20250929');
  });

  it('means the model itself when only the spelling differs or the version is missing', () => {
    expect(source.variant('anthropic', 'claude-opus-4.5')?.id).toBe('anthropic/claude-opus-4-5');
    expect(source.variant('openai', 'gpt-5-1')?.id).toBe('openai/gpt-5.1');
    expect(source.variant('anthropic', 'claude-3-5-haiku')?.id).toBe('anthropic/claude-3-5-haiku-latest');
    expect(source.variant('fireworks', 'accounts/fireworks/models/glm-5p2')?.id).toBe('fireworks/glm-5p2');
  });

  it('means the cheapest server where a router has several', () => {
    const model = source.variant('huggingface', 'meta-llama/Llama-3.3-70B-Instruct');
    const servers = source
      .modelsOf('huggingface')
      .filter(({ id }) => id.startsWith('huggingface/meta-llama/Llama-3.3-70B-Instruct:'));
    expect(servers.length).toBeGreaterThan(1);
    expect(servers.map(({ id }) => id)).toContain(model?.id);
    expect(model?.prices?.input).toBe(
      Math.min(...servers.map(({ prices }) => prices?.input ?? Number.POSITIVE_INFINITY)),
    );
  });

  it('means nothing when it only begins like a model, although the data’s rules would take it', () => {
    for (const [provider, name] of [
      ['anthropic', 'claude-opus-4-5-turbo'],
      ['openai', 'gpt-5-nano-something'],
      ['openai', 'gpt-9'],
      ['openai', 'gpt-6-sol-0613'],
      ['openai', 'gpt-3.5-turbo-9999'],
      ['google', 'gemini-2.5-pro-max'],
      ['anthropic', ''],
    ] as const) {
      expect(source.variant(provider, name), name).toBeUndefined();
    }
  });
});

describe('Bedrock’s inference profile', () => {
  it('is that of the deployment’s region, for a plain id of Claude alone', () => {
    const profile = (region: string | undefined) => bedrockProfile('anthropic.claude-opus-5', region);
    expect(profile('us-east-1')).toBe('us.anthropic.claude-opus-5');
    expect(profile('eu-central-1')).toBe('eu.anthropic.claude-opus-5');
    expect(profile('ap-northeast-1')).toBe('jp.anthropic.claude-opus-5');
    expect(profile('ap-southeast-2')).toBe('au.anthropic.claude-opus-5');
    expect(profile('ap-south-1')).toBe('apac.anthropic.claude-opus-5');
    expect(profile('us-gov-west-1')).toBe('us-gov.anthropic.claude-opus-5');
    expect(profile(undefined)).toBe('anthropic.claude-opus-5');
    expect(bedrockProfile('global.anthropic.claude-opus-5', 'eu-west-1')).toBe(
      'global.anthropic.claude-opus-5',
    );
    expect(bedrockProfile('openai.gpt-oss-120b-1:0', 'eu-west-1')).toBe('openai.gpt-oss-120b-1:0');
  });
});
