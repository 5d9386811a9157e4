import { describe, expect, it } from 'vitest';
import { MERGE_STRATEGIES } from '../../../contracts/perspectives.ts';
import { estimateTokens } from '../../../platform/tokens.ts';
import type { MergeCall, MergeInput } from './merge-input.ts';
import { plannedCalls } from './planned-calls.ts';
import { runMerge } from './run-merge.ts';
import { answersIn, answersOf, promptOf, type Scripted, scoreRow, scriptedModel } from './scripted-model.ts';

const OUTPUT = {
  kind: 'json_schema',
  name: 'verdict',
  schema: {
    type: 'object',
    properties: { go: { type: 'boolean' } },
    required: ['go'],
    additionalProperties: false,
  },
} as const;

const CONTEXT = { earlier: 'person: We talked before.', since: 'tool: look returned: 18', tools: null };

const input = (strategy: MergeInput['strategy'], ...texts: string[]): MergeInput => ({
  strategy,
  rounds: 1,
  prompt: 'Should we go?',
  answers: answersOf(...texts),
  mergeModel: 'judge/model',
  seed: 'run_1',
  maxTokens: 300,
  output: OUTPUT,
  context: CONTEXT,
});

/** A judge that likes answers in their order, and what it writes in the form. */
const script =
  (written: (call: MergeCall) => Scripted) =>
  (call: MergeCall): Scripted => {
    if (call.id.startsWith('write')) return written(call);
    if (call.purpose === 'debate') return 'I stay where I am.\nPosition: kept';
    const answers = [...answersIn(call)];
    const scores = answers.map(([label, text]) => scoreRow(label, text.includes('first') ? 9 : 5));
    return JSON.stringify({
      scores,
      agreements: [],
      key_points: [],
      disagreements: [],
      conclusion: 'They should go, says [A].',
    });
  };

const WRITING = MERGE_STRATEGIES.filter((strategy) => strategy !== 'best_of');

describe.each(WRITING)('%s with a form', (strategy) => {
  const texts = ['{"go": true, "first": 1}', '{"go": false}', 'Prose.'];

  it('asks the merging model for the text in that form, and shows it when it is whole', async () => {
    const { deps, calls, deltas } = scriptedModel(
      script(() => '```json\n{"go": true}\n```'),
      { pieces: 3 },
    );
    const outcome = await runMerge(input(strategy, ...texts), deps);
    expect(outcome).toMatchObject({ strategy, content: '{"go": true}', fallback: null });
    expect(deltas).toEqual(['{"go": true}']);
    const last = calls.at(-1) as MergeCall;
    expect(last).toMatchObject({ output: OUTPUT, maxTokens: 300 });
    expect(promptOf(last)).toContain('JSON schema');
    expect(promptOf(last)).toContain('"additionalProperties":false');
  });

  it('asks once more, with what was wrong', async () => {
    let tries = 0;
    const { deps, calls } = scriptedModel(script(() => (tries++ === 0 ? '{"go": "yes"}' : '{"go": false}')));
    const outcome = await runMerge(input(strategy, ...texts), deps);
    expect(outcome).toMatchObject({ content: '{"go": false}', fallback: null });
    expect(promptOf(calls.at(-1) as MergeCall)).toContain('go must be of type boolean');
  });

  it('asks once more without structured output when the provider refuses that', async () => {
    const { deps, calls } = scriptedModel(
      script((call) => (call.output === undefined ? '{"go": false}' : { fails: 'invalid_request' })),
    );
    expect(await runMerge(input(strategy, ...texts), deps)).toMatchObject({
      content: '{"go": false}',
      fallback: null,
    });
    expect(calls.at(-1)?.output).toBeUndefined();
  });

  it.each<[string, Scripted]>([
    ['writes prose', 'They should go.'],
    ['writes another form', '{"come": true}'],
    ['cannot be had', { fails: 'overloaded' }],
  ])('gives way to the weightiest answer that has the form when the merging model %s', async (_, written) => {
    const { deps, deltas } = scriptedModel(script(() => written));
    // The best has another member, the second is prose: the third has the form.
    const outcome = await runMerge(
      input(strategy, '{"go": true, "first": 1}', 'Prose.', '{"go": false}'),
      deps,
    );
    expect(outcome).toMatchObject({
      strategy: 'best_of',
      content: '{"go": false}',
      fallback: { from: strategy },
    });
    expect(outcome.fallback?.reason).toContain('that of m/2.');
    expect(deltas).toEqual(['{"go": false}']);
  });

  it('says so when not even one answer has the form', async () => {
    const { deps } = scriptedModel(script(() => 'Prose.'));
    const outcome = await runMerge(input(strategy, 'The first.', 'The second.'), deps);
    expect(outcome.content).toBe('The first.');
    expect(outcome.notes).toContain('No answer has the form that was asked for.');
  });
});

describe('the best with a form', () => {
  it('is among those that have it, and says who has not', async () => {
    const { deps } = scriptedModel(script(() => 'unused'));
    const outcome = await runMerge(
      input('best_of', 'The first, in prose.', '{"go": true}', '{"go": false}'),
      deps,
    );
    expect(['{"go": true}', '{"go": false}']).toContain(outcome.content);
    expect(outcome.fallback).toBeNull();
    expect(outcome.notes).toContain('m/0 did not answer in the form that was asked for and took no part.');
  });

  it('is the only one that has it, without a judge', async () => {
    const { deps, calls } = scriptedModel(script(() => 'unused'));
    const outcome = await runMerge(input('best_of', 'Prose.', '{"go": false}', 'More prose.'), deps);
    expect(outcome.content).toBe('{"go": false}');
    expect(outcome.fallback?.reason).toContain('Only one answer has the form');
    expect(calls).toHaveLength(0);
  });

  it('is any when none has it', async () => {
    const { deps } = scriptedModel(script(() => 'unused'));
    const outcome = await runMerge(input('best_of', 'The first.', 'The second.'), deps);
    expect(outcome.content).toBe('The first.');
  });
});

describe('what stands around the question', () => {
  it.each(MERGE_STRATEGIES)('is data in every prompt of %s', async (strategy) => {
    const { deps, calls } = scriptedModel(script(() => '{"go": true}'));
    await runMerge(input(strategy, '{"go": true}', '{"go": false}'), deps);
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) {
      const prompt = promptOf(call);
      expect(prompt).toContain(`<data label="earlier conversation">\n${CONTEXT.earlier}\n</data>`);
      expect(prompt).toContain(CONTEXT.since);
      expect(prompt.indexOf(CONTEXT.earlier)).toBeLessThan(prompt.indexOf('Should we go?'));
      expect(prompt.indexOf(CONTEXT.since)).toBeGreaterThan(prompt.indexOf('Should we go?'));
    }
  });

  it('and a form are in the bound of a quote', async () => {
    for (const strategy of MERGE_STRATEGIES) {
      for (const written of ['{"go": true}', 'Prose.']) {
        const { deps, calls } = scriptedModel(script(() => written));
        const asked = input(strategy, '{"go": true}', '{"go": false}');
        await runMerge(asked, deps);
        const planned = plannedCalls({
          strategy,
          rounds: 1,
          mergeModel: 'judge/model',
          promptTokens: estimateTokens(asked.prompt),
          systemTokens: 0,
          contextTokens: 200,
          formTokens: estimateTokens(JSON.stringify(OUTPUT)),
          maxTokens: 300,
          answers: asked.answers.map(({ modelId, content }) => ({
            modelId,
            stanceTokens: 0,
            expectedTokens: estimateTokens(content),
            maximumTokens: Math.max(300, estimateTokens(content)),
          })),
        });
        expect(calls.length).toBeLessThanOrEqual(planned.length);
        const read = calls.reduce((sum, call) => sum + estimateTokens(promptOf(call)), 0);
        expect(read).toBeLessThanOrEqual(planned.reduce((sum, call) => sum + call.input.maximum, 0));
      }
    }
  });
});
