import type { MergeStrategy } from '../../../contracts/perspectives.ts';
import { contributionsOf, lexicalWeights, rounded, type Scores, weightsOf } from './judging.ts';
import { centralities, compareTexts, mostCentral } from './lexical.ts';
import type { MergeAnswer, MergeInput, MergeOutcome } from './merge-input.ts';
import type { Merging } from './merging.ts';
import type { Panel, Panelist } from './panel.ts';

/**
 * The merge that needs no model: the answer that says most of what the others say, by the words they have in common; of two, the longer.
 * Nothing was judged, so there is no quality. `from` is the strategy that was asked for.
 */
export function mostCentralAnswer(
  { input, panel, notes }: Merging,
  from: MergeStrategy,
  reason: string,
): MergeOutcome {
  const texts = panel.members.map((member) => member.answer.content);
  const member = panel.members[mostCentral(texts)];
  return {
    strategy: 'best_of',
    model: null,
    content: member?.answer.content ?? '',
    quality: null,
    contributions: contributionsOf(input.answers, panel, lexicalWeights(panel)),
    fallback: {
      from,
      reason: `${sentence(reason)} In its place stands the answer that has most in common with the others, found by comparing their words.`,
    },
    notes,
  };
}

/** The best answer by scores that a judge has given, when what was to come after the judging could not be had. */
export function bestByScores(
  { input, panel, notes }: Merging,
  scores: Scores,
  from: MergeStrategy,
  reason: string,
): MergeOutcome {
  const best = rankedMembers(panel, scores)[0];
  return {
    strategy: 'best_of',
    model: input.mergeModel,
    content: best?.answer.content ?? '',
    quality: best === undefined ? null : rounded(scores.get(best.answer.index) ?? 0),
    contributions: contributionsOf(input.answers, panel, weightsOf(panel, scores, [])),
    fallback: { from, reason: `${sentence(reason)} In its place stands the answer that was judged best.` },
    notes,
  };
}

/** The one answer there is, as it is. `model` null: none was needed. */
export function soleAnswer(
  input: MergeInput,
  answer: MergeAnswer,
  reason: string,
  notes: readonly string[],
): MergeOutcome {
  return {
    strategy: 'best_of',
    model: null,
    content: answer.content,
    quality: null,
    contributions: input.answers.map(({ index, modelId }) => ({
      perspective: index,
      model: modelId,
      weight: index === answer.index ? 1 : 0,
    })),
    fallback: { from: input.strategy, reason },
    notes,
  };
}

/** Best first. Equal scores are told apart by what the answers have in common, then by their texts: never by their order. */
export function rankedMembers(panel: Panel, scores: Scores): Panelist[] {
  const values = centralities(panel.members.map((member) => member.answer.content));
  const central = new Map(
    panel.members.map((member, position) => [member, Math.round((values[position] ?? 0) * 1000)]),
  );
  return [...panel.members].sort(
    (a, b) =>
      (scores.get(b.answer.index) ?? 0) - (scores.get(a.answer.index) ?? 0) ||
      (central.get(b) ?? 0) - (central.get(a) ?? 0) ||
      compareTexts(a.answer.content, b.answer.content),
  );
}

function sentence(reason: string): string {
  return `${reason.trim().replace(/\.+$/, '')}.`;
}
