import { describe, expect, it } from 'vitest';
import { type NanoPerMillion, pricePerMillion } from '../../platform/money.ts';
import type { Prices } from './model.ts';
import { blendedPrice, makerOf, plainName, traitsOf } from './traits.ts';

const priced = (input: number, output: number, cachedInput?: number): Prices => ({
  input: pricePerMillion(input),
  output: pricePerMillion(output),
  ...(cachedInput === undefined ? {} : { cachedInput: pricePerMillion(cachedInput) as NanoPerMillion }),
});

describe('a model’s plain name', () => {
  it.each([
    ['us.anthropic.claude-opus-4-5-20251101-v1:0', 'claude-opus-4-5-20251101-v1'],
    ['global.anthropic.claude-opus-5', 'claude-opus-5'],
    ['anthropic/claude-opus-4.6', 'claude-opus-4-6'],
    ['claude-4-5-haiku', 'claude-haiku-4-5'],
    ['claude-3-5-sonnet', 'claude-3-5-sonnet'],
    ['@cf/meta/llama-3.3-70b-instruct-fp8-fast', 'llama-3-3-70b-instruct-fp8-fast'],
    ['accounts/fireworks/models/kimi-k2p6', 'kimi-k2p6'],
    ['meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo', 'llama-3-1-8b-instruct-turbo'],
    ['~openai/gpt-latest', 'gpt-latest'],
    ['qwen/qwen3-coder:free', 'qwen3-coder'],
    ['llama3.2:latest', 'llama3-2'],
  ])('%s → %s', (name, plain) => {
    expect(plainName(name)).toBe(plain);
  });
});

describe('what a model is for', () => {
  it.each([
    ['text-embedding-3-small', 'embedding'],
    ['@cf/baai/bge-m3', 'embedding'],
    ['@cf/baai/bge-reranker-base', 'rerank'],
    ['nomic-embed-text:latest', 'embedding'],
    ['meta-llama/llama-guard-4-12b', 'moderation'],
    ['gpt-oss-safeguard-20b', 'moderation'],
    ['gpt-image-1-mini', 'image'],
    ['gemini-3-pro-image-preview', 'image'],
    ['whisper-large-v3', 'audio'],
    ['gpt-4o-mini-tts', 'audio'],
    ['gemini-live-2.5-flash', 'audio'],
    ['gpt-6-sol', 'chat'],
    ['voxtral-small-24b-2507', 'chat'],
    ['imaginary-model', 'chat'],
  ] as const)('%s is for %s', (name, category) => {
    expect(traitsOf(name, null).category).toBe(category);
  });
});

describe('what a model can do', () => {
  it('follows its family, in the contract’s order', () => {
    expect(traitsOf('claude-opus-5-5', priced(4, 20, 0.2)).capabilities).toEqual([
      'tools',
      'structured_output',
      'vision',
      'files',
      'reasoning',
      'streaming',
      'prompt_cache',
    ]);
    expect(traitsOf('gemini-2.5-pro', null).capabilities).toContain('audio_input');
    expect(traitsOf('grok-4-fast-non-reasoning', null).capabilities).not.toContain('reasoning');
    expect(traitsOf('grok-4-fast-reasoning', null).capabilities).toContain('reasoning');
    expect(traitsOf('gpt-4-1106-preview', null).capabilities).not.toContain('structured_output');
    expect(traitsOf('gpt-4.1', null).capabilities).toContain('structured_output');
    expect(traitsOf('deepseek-r1-0528', null).capabilities).not.toContain('tools');
  });

  it('is plain streamed text for a model that nobody knows', () => {
    expect(traitsOf('acme/wonder-1', null)).toEqual({
      tier: 'normal',
      category: 'chat',
      capabilities: ['streaming'],
      contextWindow: null,
      maxOutputTokens: null,
      deprecated: false,
    });
  });

  it('says nothing of chat for a model that does not chat', () => {
    expect(traitsOf('text-embedding-3-small', priced(0.02, 0)).capabilities).toEqual([]);
  });
});

describe('a model’s tier', () => {
  it.each([
    ['claude-opus-5-5', priced(4, 20), 'premium'],
    ['claude-sonnet-5', priced(2, 10), 'normal'],
    ['claude-haiku-4-5', priced(1, 5), 'eco'],
    ['gpt-6-astra', priced(10, 50), 'premium'],
    ['gpt-6-sol', priced(2, 10), 'normal'],
    ['gpt-6-luna', priced(0.1, 0.5), 'eco'],
    ['gemini-3.1-pro-preview', priced(2, 12), 'premium'],
    ['gemini-3.8-flash', priced(0.75, 3.75), 'normal'],
    ['gemini-3.5-flash-lite', priced(0.3, 2.5), 'eco'],
    ['grok-4.6', priced(2, 6), 'premium'],
    ['mistral-large-2512', priced(0.5, 1.5), 'premium'],
  ] as const)('of %s', (name, prices, tier) => {
    expect(traitsOf(name, prices).tier).toBe(tier);
  });

  it('goes by the price when the name says nothing', () => {
    expect(traitsOf('wonder', priced(0.2, 0.6)).tier).toBe('eco');
    expect(traitsOf('wonder', priced(1, 4)).tier).toBe('normal');
    expect(traitsOf('wonder', priced(5, 25)).tier).toBe('premium');
    expect(traitsOf('wonder', null).tier).toBe('normal');
  });
});

describe('a model’s age and maker', () => {
  it('marks what its maker retired, and nothing current', () => {
    for (const name of [
      'claude-2',
      'claude-3-opus-latest',
      'claude-opus-4-20250514',
      'gpt-4',
      'gpt-3.5-turbo',
      'gemini-1.5-pro',
      'o1-mini',
    ]) {
      expect(traitsOf(name, null).deprecated, name).toBe(true);
    }
    for (const name of [
      'claude-opus-4-5-20251101',
      'claude-haiku-4-5',
      'gpt-4.1',
      'gpt-4o',
      'gpt-6-sol',
      'gemini-2.5-pro',
      'o1',
      'claude-opus-5',
    ]) {
      expect(traitsOf(name, null).deprecated, name).toBe(false);
    }
  });

  it('knows who made it, whoever serves it', () => {
    expect(makerOf('aws_bedrock', 'us.anthropic.claude-opus-5')).toBe('anthropic');
    expect(makerOf('openrouter', 'google/gemini-2.5-pro')).toBe('google');
    expect(makerOf('ollama', 'qwen3:8b')).toBe('qwen');
    expect(makerOf('local', 'swift')).toBe('local');
  });

  it('blends three parts of input with one of output', () => {
    expect(blendedPrice(priced(1, 5))).toBe(2_000_000_000);
    expect(blendedPrice({ input: pricePerMillion(1) })).toBe(1_000_000_000);
    expect(blendedPrice(null)).toBeNull();
  });
});
