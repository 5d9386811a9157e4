import { mostCentralAnswer, rankedMembers } from './computed.ts';
import { duelSchema, rankingSchema } from './judgement.ts';
import {
  contributionsOf,
  disagreementsOf,
  labelMeans,
  rounded,
  type Scores,
  scoresOf,
  weightsOf,
} from './judging.ts';
import type { MergeOutcome } from './merge-input.ts';
import type { Merging } from './merging.ts';
import { memberOf, type Panelist } from './panel.ts';
import { duelMessages, rankingMessages } from './prompts.ts';
import { askStructured } from './structured.ts';

/** Two best answers whose scores (0 to 1) differ by less are judged against each other, in both orders. */
export const CLOSE_MARGIN = 0.05;

/**
 * The best answer, word for word. Judged blind: names masked, letters, an order that the seed decides. When the two best are close, the judge
 * compares them twice, each first once: the same verdict both times decides; verdicts that go with the order cancel out, and the
 * scores decide. Every answer's weight is its share of the judged scores.
 */
export async function mergeBestOf(merging: Merging): Promise<MergeOutcome> {
  const { input, deps, question, panel, notes } = merging;
  const judged = await askStructured(deps, {
    id: 'judge',
    modelId: input.mergeModel,
    name: 'ranking',
    messages: rankingMessages(question, panel),
    schema: rankingSchema(panel.labels, labelMeans(panel)),
  });
  if (!judged.ok) return mostCentralAnswer(merging, 'best_of', judged.reason);
  const scores = await withDuel(merging, scoresOf(panel, judged.value.scores));
  const best = rankedMembers(panel, scores)[0];
  const disagreements = disagreementsOf(panel, judged.value.disagreements);
  return {
    strategy: 'best_of',
    model: input.mergeModel,
    content: best?.answer.content ?? '',
    quality: best === undefined ? null : rounded(scores.get(best.answer.index) ?? 0),
    contributions: contributionsOf(input.answers, panel, weightsOf(panel, scores, [])),
    disagreements,
    fallback: null,
    notes,
  };
}

/** The scores, with what a duel of two close leaders adds: each verdict is worth half the margin, around the mean of their scores. */
async function withDuel(merging: Merging, scores: Scores): Promise<Scores> {
  const [first, second] = rankedMembers(merging.panel, scores);
  if (first === undefined || second === undefined) return scores;
  const high = scores.get(first.answer.index) ?? 0;
  const low = scores.get(second.answer.index) ?? 0;
  if (high - low >= CLOSE_MARGIN || first.answer.content === second.answer.content) return scores;
  const [one, other] = await Promise.all([
    duel(merging, 'duel-a', first, second),
    duel(merging, 'duel-b', second, first),
  ]);
  const close = `The two best answers were close (${high.toFixed(2)} and ${low.toFixed(2)}) and were judged against each other in both orders.`;
  if (one !== other || one === 'tie' || one === 'failed') {
    merging.notes.push(`${close} ${whyUndecided(one, other)}, so the scores decide.`);
    return scores;
  }
  merging.notes.push(`${close} The same answer won both times.`);
  const mean = (high + low) / 2;
  const loser = one === first ? second : first;
  return new Map([
    ...scores,
    [one.answer.index, Math.min(1, mean + CLOSE_MARGIN / 2)],
    [loser.answer.index, Math.max(0, mean - CLOSE_MARGIN / 2)],
  ]);
}

/** Who won in one order. */
type Verdict = Panelist | 'tie' | 'failed';

function whyUndecided(one: Verdict, other: Verdict): string {
  if (one === 'failed' || other === 'failed') return 'Not both verdicts could be had';
  return one === 'tie' || other === 'tie' ? 'Neither won both times' : 'The verdict went with the order';
}

/** Who wins in this order. The first is always under the first letter, so that letters say nothing either. */
async function duel(
  { input, deps, question, panel }: Merging,
  id: string,
  first: Panelist,
  second: Panelist,
): Promise<Verdict> {
  const labels = panel.labels.slice(0, 2);
  const pair = [first, second].map((member, position) => ({
    ...member,
    label: labels[position] ?? member.label,
  }));
  const [left, right] = pair as [Panelist, Panelist];
  const judged = await askStructured(deps, {
    id,
    modelId: input.mergeModel,
    name: 'verdict',
    messages: duelMessages(question, left, right),
    schema: duelSchema(labels),
  });
  if (!judged.ok) return 'failed';
  const winner = memberOf({ members: pair, labels }, judged.value.winner);
  if (winner === undefined) return 'tie';
  return winner === left ? first : second;
}
