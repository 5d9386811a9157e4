import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MERGE_STRATEGIES } from '../../../contracts/perspectives.ts';
import { estimateTokens } from '../../../platform/tokens.ts';
import { type MergeSketch, type PlannedCall, plannedCalls } from './planned-calls.ts';
import { runMerge } from './run-merge.ts';
import { answersIn, answersOf, promptOf, scoreRow, scriptedModel } from './scripted-model.ts';

const sketch = (
  strategy: MergeSketch['strategy'],
  answers: readonly string[],
  prompt = 'Should we?',
): MergeSketch => ({
  strategy,
  rounds: 3,
  mergeModel: 'judge/model',
  promptTokens: estimateTokens(prompt),
  systemTokens: 0,
  maxTokens: 300,
  answers: answers.map((text, index) => ({
    modelId: `m/${index}`,
    stanceTokens: 0,
    expectedTokens: estimateTokens(text),
    maximumTokens: Math.max(300, estimateTokens(text)),
  })),
});

const total = (calls: readonly PlannedCall[], of: (call: PlannedCall) => number) =>
  calls.reduce((sum, call) => sum + of(call), 0);

describe('the calls a merge can make', () => {
  it.each(MERGE_STRATEGIES)('bound what %s takes, whatever the models do', async (strategy) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc
            .constantFrom('Sand moves. ', 'Dams stay. ', 'Fish go. ')
            .chain((text) => fc.integer({ min: 1, max: 30 }).map((times) => text.repeat(times))),
          { minLength: 2, maxLength: 5 },
        ),
        fc.array(fc.constantFrom('fails', 'prose', 'close', 'apart'), { minLength: 1, maxLength: 5 }),
        async (texts, moods) => {
          let next = 0;
          const { deps, calls } = scriptedModel((call) => {
            const mood = moods[next++ % moods.length];
            if (mood === 'fails') return { fails: 'invalid_request' };
            if (mood === 'prose') return 'I keep to what I said.';
            const labels = [...answersIn(call).keys()];
            const scores = labels.map((label, index) => scoreRow(label, mood === 'close' ? 8 : 8 - index));
            return JSON.stringify({
              scores,
              agreements: [],
              key_points: [],
              disagreements: [],
              conclusion: 'So.',
              reason: '',
              winner: labels[0],
            });
          });
          await runMerge(
            {
              strategy,
              rounds: 3,
              prompt: 'Should we?',
              answers: answersOf(...texts),
              mergeModel: 'judge/model',
              seed: 's',
              maxTokens: 300,
            },
            deps,
          );
          const planned = plannedCalls(sketch(strategy, texts));
          expect(calls.length).toBeLessThanOrEqual(planned.length);
          const read = calls.reduce((sum, call) => sum + estimateTokens(promptOf(call)), 0);
          expect(read).toBeLessThanOrEqual(total(planned, (call) => call.input.maximum));
          const allowed = calls.reduce((sum, call) => sum + call.maxTokens, 0);
          expect(allowed).toBeLessThanOrEqual(total(planned, (call) => call.output.maximum));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('expect about what a merge takes when all goes well', async () => {
    const texts = ['Sand moves. '.repeat(30), 'Dams stay. '.repeat(30), 'Fish go. '.repeat(30)];
    const { deps, calls } = scriptedModel((call) =>
      JSON.stringify({
        scores: [...answersIn(call).keys()].map((label, index) => scoreRow(label, 9 - 2 * index)),
        disagreements: [],
      }),
    );
    await runMerge(
      {
        strategy: 'best_of',
        prompt: 'Should we?',
        answers: answersOf(...texts),
        mergeModel: 'judge/model',
        seed: 's',
      },
      deps,
    );
    const read = calls.reduce((sum, call) => sum + estimateTokens(promptOf(call)), 0);
    const expected = total(plannedCalls(sketch('best_of', texts)), (call) => call.input.expected);
    expect(Math.abs(expected - read) / read).toBeLessThan(0.1);
  });

  it('are none for one answer, and each expects no more than it may take', () => {
    expect(plannedCalls(sketch('consensus', ['Only one.']))).toEqual([]);
    for (const strategy of MERGE_STRATEGIES) {
      for (const call of plannedCalls(sketch(strategy, ['One.', 'Two.']))) {
        expect(call.input.expected).toBeLessThanOrEqual(call.input.maximum);
        expect(call.output.expected).toBeLessThanOrEqual(call.output.maximum);
      }
    }
  });
});
