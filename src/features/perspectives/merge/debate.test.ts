import { describe, expect, it } from 'vitest';
import { CONNECTIONS_PER_INVOCATION } from '../quorum.ts';
import { readPosition } from './debate-position.ts';
import type { MergeCall, MergeInput } from './merge-input.ts';
import { runMerge } from './run-merge.ts';
import { answersIn, answersOf, promptOf, type Scripted, scoreRow, scriptedModel } from './scripted-model.ts';

const ANSWERS = answersOf('Remove the dam now.', 'Keep the dam for good.', 'Ask the anglers first.');
const INPUT: MergeInput = {
  strategy: 'debate',
  prompt: 'Should the dam go?',
  answers: ANSWERS,
  mergeModel: 'judge/model',
  seed: 'run_9',
};

function concluding(call: MergeCall): string {
  const labels = [...answersIn(call).keys()];
  return JSON.stringify({
    scores: labels.map((label, index) => scoreRow(label, 9 - index)),
    agreements: [{ claim: 'Anglers matter.', held_by: labels }],
    disagreements: [
      {
        claim: 'The dam should go.',
        positions: labels.map((label, index) => ({ label, holds: index === 0, says: 'So.' })),
      },
    ],
    conclusion: 'They came closer.',
  });
}

const debate = (turn: (call: MergeCall) => Scripted) => (call: MergeCall) =>
  call.purpose === 'debate' ? turn(call) : concluding(call);
const roundOf = (call: MergeCall) => Number(/^round-(\d)/.exec(call.id)?.[1]);

describe('a debate', () => {
  it('lets each model read the others’ positions, fenced and without names, and write its own anew', async () => {
    const { deps, calls } = scriptedModel(
      debate((call) => `New view of round ${roundOf(call)} from ${call.perspective}.\nPosition: changed`),
    );
    const outcome = await runMerge(INPUT, deps);
    const first = calls.filter((call) => call.id.startsWith('round-1'));
    expect(first.map((call) => [call.modelId, call.perspective, call.purpose])).toEqual(
      expect.arrayContaining([
        ['m/0', 0, 'debate'],
        ['m/1', 1, 'debate'],
        ['m/2', 2, 'debate'],
      ]),
    );
    const prompt = promptOf(first.find((call) => call.perspective === 0) as MergeCall);
    expect(prompt).toContain('<data label="your own answer">\nRemove the dam now.\n</data>');
    const others = [...answersIn(first.find((call) => call.perspective === 0) as MergeCall).values()];
    expect(others.sort()).toEqual(['Ask the anglers first.', 'Keep the dam for good.']);
    expect(prompt).not.toContain('m/1');
    expect(outcome.rounds?.map((round) => round.positions.map((one) => one.content))).toEqual([
      ['New view of round 1 from 0.', 'New view of round 1 from 1.', 'New view of round 1 from 2.'],
      ['New view of round 2 from 0.', 'New view of round 2 from 1.', 'New view of round 2 from 2.'],
    ]);
    expect(outcome).toMatchObject({ strategy: 'debate', content: 'They came closer.', fallback: null });
    expect(outcome.agreements).toHaveLength(1);
    expect(outcome.disagreements).toHaveLength(1);
  });

  it('concludes from the last positions, and the second round starts from the first', async () => {
    const { deps, calls } = scriptedModel(
      debate((call) => `Round ${roundOf(call)} by ${call.perspective}.\nPosition: changed`),
    );
    await runMerge(INPUT, deps);
    const second = promptOf(calls.find((call) => call.id === 'round-2-1') as MergeCall);
    expect(second).toContain('<data label="your own answer">\nRound 1 by 1.\n</data>');
    const last = [...answersIn(calls.at(-1) as MergeCall).values()].sort();
    expect(last).toEqual(['Round 2 by 0.', 'Round 2 by 1.', 'Round 2 by 2.']);
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [undefined, 2],
    [9, 3],
  ])('asked for %s rounds has %s', async (rounds, held) => {
    const { deps } = scriptedModel(
      debate((call) => `View ${roundOf(call)} ${call.perspective}\nPosition: changed`),
    );
    const outcome = await runMerge({ ...INPUT, ...(rounds === undefined ? {} : { rounds }) }, deps);
    expect(outcome.rounds).toHaveLength(held);
  });

  it('ends early when nobody moves, by their own word', async () => {
    const { deps } = scriptedModel(
      debate((call) => `Something worded anew by ${call.perspective}.\n**Position: kept**`),
    );
    const outcome = await runMerge({ ...INPUT, rounds: 3 }, deps);
    expect(outcome.rounds).toHaveLength(1);
    expect(outcome.rounds?.[0]?.positions.every((one) => one.status === 'kept')).toBe(true);
    expect(outcome.notes.join()).toContain('Nobody changed position in round 1');
  });

  it('ends early when nobody moves, by the words of those who do not say', async () => {
    const { deps } = scriptedModel(debate((call) => ANSWERS[call.perspective ?? 0]?.content ?? ''));
    const outcome = await runMerge({ ...INPUT, rounds: 3 }, deps);
    expect(outcome.rounds).toHaveLength(1);
  });

  it.each<[string, Scripted]>([
    ['fails', { fails: 'overloaded' }],
    ['declines', 'I’m sorry, but I can’t help with that.'],
    ['says nothing', '\n'],
    ['only closes', 'Position: kept'],
  ])('keeps the last position of a model that %s, and says so', async (_, broken) => {
    const { deps } = scriptedModel(
      debate((call) =>
        call.id === 'round-2-1' ? broken : `View ${roundOf(call)} of ${call.perspective}.\nPosition: changed`,
      ),
    );
    const outcome = await runMerge(INPUT, deps);
    const position = outcome.rounds?.[1]?.positions[1];
    expect(position).toMatchObject({ perspective: 1, content: 'View 1 of 1.', status: 'failed' });
    expect(outcome.notes.join()).toMatch(/Round 2: m\/1 .*its last position stands/);
    expect(outcome.fallback).toBeNull();
  });

  it('that nobody takes part in is a consensus of the answers, stated', async () => {
    const { deps } = scriptedModel(debate(() => ({ fails: 'timeout' })));
    const outcome = await runMerge(INPUT, deps);
    expect(outcome).toMatchObject({ strategy: 'consensus', fallback: { from: 'debate' } });
    expect(outcome.rounds).toHaveLength(1);
  });

  it('whose conclusion cannot be had ends in the most central position, its labels as names', async () => {
    const { deps } = scriptedModel((call) =>
      call.purpose === 'debate'
        ? 'Like [A], [B] and [C]: ask the anglers.\nPosition: changed'
        : { fails: 'overloaded' },
    );
    const outcome = await runMerge(INPUT, deps);
    expect(outcome).toMatchObject({ strategy: 'best_of', model: null, fallback: { from: 'debate' } });
    expect(outcome.content.replace(/m\/\d/g, '#')).toBe('Like #, # and #: ask the anglers.');
    expect(outcome.rounds).toHaveLength(2);
  });

  it('asks all of a round at once, but no more than an invocation may have connections', async () => {
    let open = 0;
    let most = 0;
    const { deps } = scriptedModel(debate(() => 'View.\nPosition: kept'));
    const many = answersOf(...Array.from({ length: 12 }, (_, n) => `Answer number ${n} on dams.`));
    const outcome = await runMerge(
      { ...INPUT, answers: many },
      {
        ...deps,
        ask: async (call) => {
          most = Math.max(most, ++open);
          await new Promise((resolve) => setTimeout(resolve, 1));
          open -= 1;
          return deps.ask(call);
        },
      },
    );
    expect(most).toBe(CONNECTIONS_PER_INVOCATION);
    expect(outcome.rounds?.[0]?.positions.map((one) => one.perspective)).toEqual(
      many.map((answer) => answer.index),
    );
  });

  it('lets a model keep its stance and the run’s system text, and tells of each round as it ends', async () => {
    const told: number[] = [];
    const { deps, calls } = scriptedModel(debate(() => 'View.\nPosition: changed'));
    const answers = ANSWERS.map((answer) => ({ ...answer, stance: `side ${answer.index}` }));
    await runMerge(
      { ...INPUT, system: 'Answer in verse.', answers },
      { ...deps, onRound: ({ round }) => told.push(round) },
    );
    const prompt = promptOf(calls.find((call) => call.id === 'round-1-2') as MergeCall);
    expect(prompt.startsWith('Answer in verse.')).toBe(true);
    expect(prompt).toContain('side 2');
    expect(prompt).not.toContain('side 1');
    expect(told).toEqual([1, 2]);
  });
});

describe('a position', () => {
  it.each([
    ['Text.\nPosition: kept', 'Text.', false],
    ['Text.\n\n**Position: changed.**\n', 'Text.', true],
    ['Text.\n“Position: kept”', 'Text.', false],
    ['Position: kept is what I said. Text.', 'Position: kept is what I said. Text.', true],
  ])('%j is read as it closes', (text, content, changed) => {
    expect(readPosition(text, 'Something else entirely')).toEqual({ content, changed });
  });
});
