import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../platform/errors.ts';
import { PROMPTS } from './prompts.ts';
import { TOOLS } from './tools/index.ts';

const named = (name: string) => {
  const prompt = PROMPTS.find((one) => one.name === name);
  if (prompt === undefined) throw new Error(`no prompt ${name}`);
  return prompt;
};

const textOf = (name: string, given: unknown) =>
  named(name)
    .get(given)
    .messages.map(({ content }) => (content.type === 'text' ? content.text : ''))
    .join();

describe('prompts', () => {
  it('say which of their arguments are required', () => {
    expect(named('second_opinion').arguments.map(({ name, required }) => [name, required])).toEqual([
      ['question', true],
      ['answer', false],
    ]);
  });

  it('carry what was given, and leave out what was left open', () => {
    const text = textOf('second_opinion', { question: 'Queue or cron?', answer: ' ' });
    expect(text).toContain('Queue or cron?');
    expect(text).not.toContain('Answer to check');
    expect(textOf('second_opinion', { question: 'Q', answer: 'A queue.' })).toContain('A queue.');
  });

  it('refuse a missing or unknown argument by its name', () => {
    expect(() => textOf('debate', undefined)).toThrow(/arguments\.proposition/);
    expect(() => textOf('debate', { proposition: 'x', side: 'y' })).toThrow(ParallaxError);
  });

  it('speak only of tools that there are', () => {
    const names = new Set(TOOLS.map((tool) => tool.name));
    for (const prompt of PROMPTS) {
      const given = Object.fromEntries(prompt.arguments.map(({ name }) => [name, 'x']));
      const spoken = textOf(prompt.name, given).match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [];
      expect(spoken.filter((name) => !names.has(name))).toEqual([]);
      expect(spoken.length).toBeGreaterThan(0);
    }
  });
});
