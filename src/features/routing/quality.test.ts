import { describe, expect, it } from 'vitest';
import { TASKS } from '../../contracts/routing.ts';
import { qualityTable } from './quality.ts';
import { catalogOf, modelOf } from './routing-fixture.ts';

const opus = modelOf('anthropic/claude-opus-5', { tier: 'premium' });
const sonnet = modelOf('anthropic/claude-sonnet-5');
const haiku = modelOf('anthropic/claude-haiku-5', { tier: 'eco' });
const table = qualityTable([opus, sonnet, haiku]);

describe('the expected quality', () => {
  it('follows the tier, and the tiers lie further apart where a task is hard', () => {
    for (const task of TASKS) {
      expect(table.of(opus, task)).toBeGreaterThan(table.of(sonnet, task));
      expect(table.of(sonnet, task)).toBeGreaterThan(table.of(haiku, task));
    }
    const gap = (task: (typeof TASKS)[number]) => table.of(opus, task) - table.of(haiku, task);
    expect(gap('reasoning')).toBeGreaterThan(2 * gap('summarization'));
  });

  it('prefers no maker to another', () => {
    const rivals = [
      modelOf('openai/gpt-6-sol', { tier: 'premium' }),
      modelOf('google/gemini-4-pro', { tier: 'premium' }),
      modelOf('mistral/mistral-large-latest', { tier: 'premium' }),
    ];
    const all = qualityTable([opus, ...rivals]);
    for (const rival of rivals) expect(all.of(rival, 'coding')).toBe(all.of(opus, 'coding'));
  });

  it('is lower for an older version of a family, though only where a newer one of its tier can be chosen', () => {
    const old = modelOf('anthropic/claude-opus-4-5', { tier: 'premium' });
    expect(qualityTable([old, haiku]).of(old, 'chat')).toBe(table.of(opus, 'chat'));
    expect(qualityTable([old, opus]).of(old, 'chat')).toBeLessThan(table.of(opus, 'chat'));
    const dated = ['2407', '2512', 'latest'].map((version) => modelOf(`mistral/mistral-large-${version}`));
    const all = qualityTable(dated);
    const [older, newest, latest] = dated.map((model) => all.of(model, 'chat'));
    expect(older).toBeLessThan(newest ?? 0);
    expect(latest).toBe(newest);
  });

  it('is lower for small models, for strangers, and for those that do not reason where reasoning helps', () => {
    const llama = (name: string) => modelOf(`groq/${name}`, { tier: 'eco', capabilities: ['tools'] });
    const [large, small] = [llama('llama-3.3-70b-instruct'), llama('llama-3.3-8b-instruct')];
    const all = qualityTable([large, small]);
    expect(all.of(small, 'chat')).toBeLessThan(all.of(large, 'chat'));
    expect(all.of(large, 'math')).toBeLessThan(table.of(haiku, 'math'));
    expect(all.of(large, 'translation')).toBe(table.of(haiku, 'translation'));
    const stranger = modelOf('openrouter/someone/own-model');
    expect(qualityTable([stranger]).of(stranger, 'chat')).toBeLessThan(table.of(sonnet, 'chat'));
  });

  it('is higher for a model made for code, and lower elsewhere', () => {
    const coder = modelOf('mistral/codestral-latest');
    const plain = modelOf('mistral/something-latest');
    const all = qualityTable([coder, plain]);
    expect(all.of(coder, 'coding')).toBeGreaterThan(all.of(plain, 'coding'));
    expect(all.of(coder, 'writing')).toBeLessThan(all.of(plain, 'writing'));
  });

  it('is next to nothing where a model cannot do it at all', () => {
    const blind = modelOf('deepseek/deepseek-v4', { capabilities: ['streaming'] });
    const all = qualityTable([blind]);
    expect([all.of(blind, 'vision'), all.of(blind, 'tool_use')]).toEqual([0.05, 0.05]);
  });

  it('is a probability for every model of the catalog and every task', async () => {
    const models = (await catalogOf('openrouter', 'openai', 'anthropic', 'google', 'groq')).candidates();
    const all = qualityTable(models);
    expect(models.length).toBeGreaterThan(300);
    for (const model of models) {
      for (const task of TASKS) {
        expect(all.of(model, task)).toBeGreaterThanOrEqual(0.05);
        expect(all.of(model, task)).toBeLessThanOrEqual(0.97);
      }
    }
  });
});
