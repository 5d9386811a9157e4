import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../../platform/tokens.ts';
import { carryHistory, HISTORY_BUDGET_TOKENS, MAX_HISTORY_TURNS } from './history.ts';

const turn = (name: string, length: number) => ({
  prompt: `Question ${name}`,
  answers: [
    { modelId: 'local/swift', content: `${name} ${'long '.repeat(length)}` },
    { modelId: 'local/sage', content: `${name} in short` },
  ],
  conclusion: null,
});

describe('what a follow-up carries on', () => {
  it('is all of a short chain, and the last turns of a long one', () => {
    const turns = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => turn(name, 3));
    expect(carryHistory(turns)).toEqual(turns.slice(-MAX_HISTORY_TURNS));
    expect(carryHistory([])).toEqual([]);
  });

  it('stays within its budget, and cuts the long ones only', () => {
    const turns = ['a', 'b', 'c', 'd', 'e'].map((name) => turn(name, 60_000));
    const carried = carryHistory(turns);
    const tokens = carried
      .flatMap(({ prompt, answers }) => [prompt, ...answers.map(({ content }) => content)])
      .reduce((total, text) => total + estimateTokens(text), 0);
    expect(tokens).toBeLessThanOrEqual(HISTORY_BUDGET_TOKENS);
    expect(tokens).toBeGreaterThan(HISTORY_BUDGET_TOKENS * 0.8);
    carried.forEach((one, index) => {
      expect(one.prompt).toBe(turns[index]?.prompt);
      expect(one.answers[1]).toEqual(turns[index]?.answers[1]);
      expect(one.answers[0]?.modelId).toBe('local/swift');
    });
  });
});
