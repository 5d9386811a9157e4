import { findProvider } from '@pydantic/genai-prices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundledSource } from './bundled/source.ts';
import { candidates, defaultTrio, mergeModel, modelFor } from './choose.ts';
import { LOCAL_MODELS } from './local.ts';
import type { Model } from './model.ts';
import { unlisted } from './overlay.ts';
import { makerOf } from './traits.ts';

const { source } = bundledSource(findProvider, Date.parse('2026-11-20T12:00:00Z'));
const having = (...providers: string[]): Model[] =>
  providers.flatMap((provider) => (provider === 'local' ? LOCAL_MODELS : source.modelsOf(provider)));
const ids = (models: readonly Model[]) => models.map(({ id }) => id);

describe('the default trio', () => {
  it('is the local server’s three voices where there is nothing else', () => {
    expect(ids(defaultTrio(having('local')))).toEqual(['local/swift', 'local/sage', 'local/scribe']);
  });

  it('has one model of each of the three leading makers, one of each tier', () => {
    const trio = defaultTrio(having('anthropic', 'openai', 'google'));
    expect(ids(trio)).toEqual([
      'openai/gpt-6-sol',
      'anthropic/claude-opus-5-5',
      'google/gemini-3.5-flash-lite',
    ]);
  });

  it('differs by tier where one provider is all there is', () => {
    expect(ids(defaultTrio(having('anthropic')))).toEqual([
      'anthropic/claude-sonnet-5',
      'anthropic/claude-opus-5-5',
      'anthropic/claude-haiku-4-5',
    ]);
  });

  it('differs by maker where one aggregator is all there is', () => {
    const trio = defaultTrio(having('openrouter'));
    expect(new Set(trio.map((model) => makerOf(model.provider, model.upstreamName))).size).toBe(3);
    expect(new Set(trio.map(({ tier }) => tier)).size).toBe(3);
  });

  it('never has a stand-in beside a real model', () => {
    for (const provider of ['anthropic', 'perplexity', 'groq']) {
      expect(defaultTrio(having('local', provider)).some((model) => model.provider === 'local')).toBe(false);
    }
  });

  it('takes no Azure deployment that nobody named, unless there is nothing else', () => {
    expect(ids(defaultTrio(having('azure', 'anthropic'))).some((id) => id.startsWith('azure/'))).toBe(false);
    expect(defaultTrio(having('azure'))).toHaveLength(3);
  });

  it('is smaller where fewer models can be used, and empty where none can', () => {
    expect(ids(defaultTrio([unlisted('ollama/llama3.2:latest')]))).toEqual(['ollama/llama3.2:latest']);
    expect(defaultTrio([])).toEqual([]);
  });

  it('has different models that may be chosen, from as many providers as it can, for any set of providers', () => {
    fc.assert(
      fc.property(fc.subarray([...source.providers, 'local'], { minLength: 1 }), (providers) => {
        const available = having(...providers);
        const trio = defaultTrio(available);
        const pool = candidates(available);
        expect(new Set(ids(trio)).size).toBe(Math.min(3, pool.length));
        expect(trio.every((model) => model.category === 'chat' && !model.hidden && !model.deprecated)).toBe(
          true,
        );
        expect(new Set(trio.map(({ provider }) => provider)).size).toBe(
          Math.min(trio.length, new Set(pool.map(({ provider }) => provider)).size),
        );
        expect(ids(defaultTrio([...available].reverse()))).toEqual(ids(trio));
      }),
      { numRuns: 30 },
    );
  });
});

describe('the model that merges', () => {
  it('answers to a schema, at an everyday price', () => {
    expect(mergeModel(having('anthropic', 'openai', 'google'))?.id).toBe('openai/gpt-6-sol');
    for (const provider of source.providers) {
      const model = mergeModel(having(provider));
      expect(model?.capabilities, provider).toContain('structured_output');
    }
  });

  it('is sage where only the local server is, and no model where there is none', () => {
    expect(mergeModel(having('local'))?.id).toBe('local/sage');
    expect(mergeModel([])).toBeUndefined();
  });
});

describe('best, fast and cheap', () => {
  it('mean the same models on the same deployment, whatever the order they are read in', () => {
    const available = having('anthropic', 'openai', 'google');
    expect(modelFor('best', available)?.id).toBe('anthropic/claude-opus-5-5');
    expect(modelFor('fast', available)?.id).toBe('google/gemini-3.5-flash-lite');
    expect(modelFor('cheap', available)?.id).toBe('openai/gpt-5-nano');
    for (const purpose of ['best', 'fast', 'cheap'] as const) {
      expect(modelFor(purpose, [...available].reverse())?.id).toBe(modelFor(purpose, available)?.id);
    }
  });

  it('mean the local voices where there is nothing else', () => {
    expect(modelFor('best', having('local'))?.id).toBe('local/sage');
    expect(modelFor('fast', having('local'))?.id).toBe('local/swift');
    expect(modelFor('cheap', having('local'))?.category).toBe('chat');
  });

  it('never mean a trial offer, nor anything where no model can be used', () => {
    expect(modelFor('cheap', having('openrouter'))?.upstreamName.endsWith(':free')).toBe(false);
    expect(modelFor('best', [])).toBeUndefined();
  });
});
