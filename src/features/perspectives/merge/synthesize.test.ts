import { describe, expect, it } from 'vitest';
import type { MergeCall, MergeInput } from './merge-input.ts';
import { runMerge } from './run-merge.ts';
import { answersIn, answersOf, promptOf, type Scripted, scoreRow, scriptedModel } from './scripted-model.ts';

const ANSWERS = answersOf('Cache it.', 'Set an expiry.', 'Measure first.');
const INPUT: MergeInput = {
  strategy: 'synthesize',
  prompt: 'How to cache?',
  answers: ANSWERS,
  mergeModel: 'judge/model',
  seed: 'run_3',
  maxTokens: 700,
};

function plan(call: MergeCall): string {
  const label = (says: string) => [...answersIn(call)].find(([, text]) => text.includes(says))?.[0] ?? '?';
  const [cache, expiry, measure] = ['Cache', 'expiry', 'Measure'].map(label);
  return JSON.stringify({
    scores: [scoreRow(cache ?? '', 4), scoreRow(expiry ?? '', 9), scoreRow(measure ?? '', 6)],
    key_points: [
      { point: 'Entries need an expiry.', held_by: [expiry, cache] },
      { point: 'Measure before.', held_by: [measure] },
      { point: 'Made up.', held_by: ['Z'] },
    ],
    disagreements: [
      {
        claim: 'Measuring comes first.',
        positions: [
          { label: measure, holds: true, says: 'First.' },
          { label: cache, holds: false, says: 'Act.' },
        ],
      },
    ],
  });
}

const script = (prose: Scripted) => (call: MergeCall) => (call.id === 'write' ? prose : plan(call));

describe('synthesis', () => {
  it('judges first, then writes along the plan, streamed', async () => {
    const { deps, calls, deltas } = scriptedModel(
      script('Measure, then cache with an expiry, as answers A and B say.'),
      { pieces: 4 },
    );
    const outcome = await runMerge(INPUT, deps);
    expect(calls.map((call) => call.id)).toEqual(['judge-1', 'write']);
    expect(calls[1]).toMatchObject({ maxTokens: 700, purpose: 'merge', perspective: null });
    expect(calls[1]?.output).toBeUndefined();
    const prompt = promptOf(calls[1] as MergeCall);
    expect(prompt).toContain('<data label="notes of a judge on these answers">');
    expect(prompt).toContain('- Entries need an expiry. (');
    expect(prompt).not.toContain('Made up.');
    expect(outcome).toMatchObject({ strategy: 'synthesize', model: 'judge/model', fallback: null });
    expect(outcome.content).toMatch(/^Measure, then cache with an expiry, as m\/\d and m\/\d say\.$/);
    expect(deltas.join('')).toBe(outcome.content);
    expect(deltas.length).toBeGreaterThan(5);
  });

  it('takes contributions, quality, agreements and disagreements from the judging', async () => {
    const outcome = await runMerge(INPUT, scriptedModel(script('Text.')).deps);
    // Scores 0.4, 0.9, 0.6; each makes one of the two supported points.
    expect(outcome.contributions.map((one) => one.weight)).toEqual([0.2105, 0.4737, 0.3158]);
    expect(outcome.quality).toBe(0.7);
    expect(outcome.agreements).toEqual([
      { claim: 'Entries need an expiry.', perspectives: [0, 1], models: ['m/0', 'm/1'] },
    ]);
    expect(outcome.disagreements?.[0]?.positions.map((one) => one.holds)).toEqual(['no', 'yes']);
  });

  it('without a readable judgement is written all the same, and says that nobody judged', async () => {
    const { deps } = scriptedModel((call) => (call.id === 'write' ? 'Text.' : 'not JSON'));
    const outcome = await runMerge(INPUT, deps);
    expect(outcome).toMatchObject({
      strategy: 'synthesize',
      content: 'Text.',
      quality: null,
      fallback: { from: 'synthesize' },
    });
  });

  it.each<[string, Scripted]>([
    ['cannot be had', { fails: 'connection' }],
    ['is empty', '  \n'],
    ['is refused', { text: 'No.', finishReason: 'refusal' }],
  ])('whose prose %s gives way to the answer judged best, with its score', async (_, prose) => {
    const outcome = await runMerge(INPUT, scriptedModel(script(prose)).deps);
    expect(outcome).toMatchObject({
      strategy: 'best_of',
      content: 'Set an expiry.',
      quality: 0.9,
      fallback: { from: 'synthesize' },
    });
  });

  it('that breaks off in mid-sentence does not pass for whole', async () => {
    const { deps, deltas } = scriptedModel(
      (call) => (call.id === 'write' ? 'word '.repeat(400) : plan(call)),
      { pieces: 50, cutAfter: 1500 },
    );
    const outcome = await runMerge(INPUT, deps);
    expect(deltas.join('').length).toBeGreaterThan(1000);
    expect(outcome).toMatchObject({ content: 'Set an expiry.', fallback: { from: 'synthesize' } });
    expect(deltas.join('')).not.toContain('Set an expiry.');
  });

  it('says when it was cut at its token limit', async () => {
    const outcome = await runMerge(
      INPUT,
      scriptedModel(script({ text: 'A long', finishReason: 'length' })).deps,
    );
    expect(outcome.notes).toContain('The synthesis was cut at its token limit.');
  });
});
