import type { MergeStrategy } from '../../../contracts/perspectives.ts';
import { bestByScores, mostCentralAnswer, rankedMembers } from './computed.ts';
import { synthesisPlanSchema } from './judgement.ts';
import {
  agreementsOf,
  contributionsOf,
  disagreementsOf,
  labelMeans,
  lexicalWeights,
  membersOf,
  rounded,
  scoresOf,
  weightedScore,
  weightsOf,
} from './judging.ts';
import type { MergeOutcome } from './merge-input.ts';
import type { Merging } from './merging.ts';
import { memberOf } from './panel.ts';
import { synthesisPlanMessages, type WritingNotes } from './prompts.ts';
import { askStructured } from './structured.ts';
import { type Written, write } from './write.ts';

/**
 * One answer from all: a judgement first (scores, key points with their holders, contradictions), then prose written along it, streamed.
 * Quality is what the material was judged at, each answer by its weight. Without a usable judgement the prose is written all the same
 * and says nothing of quality; without the prose the answer that was judged best stands.
 */
export async function mergeSynthesize(merging: Merging): Promise<MergeOutcome> {
  const { input, deps, question, panel, notes } = merging;
  const judged = await askStructured(deps, {
    id: 'judge',
    modelId: input.mergeModel,
    name: 'synthesis_plan',
    messages: synthesisPlanMessages(question, panel),
    schema: synthesisPlanSchema(panel.labels, labelMeans(panel)),
  });
  if (!judged.ok) {
    return judged.why === 'unreadable'
      ? synthesisWithoutJudging(merging, 'synthesize', judged.reason)
      : mostCentralAnswer(merging, 'synthesize', judged.reason);
  }
  const scores = scoresOf(panel, judged.value.scores);
  const keyPoints = judged.value.key_points.map(({ point, held_by }) => ({
    point,
    holders: membersOf(panel, held_by),
  }));
  const supported = keyPoints.filter(({ holders }) => holders.length > 0);
  const writing: WritingNotes = {
    keyPoints: supported.map(({ point, holders }) => ({
      point,
      labels: holders.map((holder) => holder.label),
    })),
    disputes: judged.value.disagreements.map(({ claim, positions }) => ({
      claim,
      positions: positions.filter(({ label }) => memberOf(panel, label) !== undefined),
    })),
    ranking: rankedMembers(panel, scores).map((member) => member.label),
  };
  const written = await write(merging, writing);
  if (!written.ok) return bestByScores(merging, scores, 'synthesize', written.reason);
  const weights = weightsOf(
    panel,
    scores,
    supported.map(({ holders }) => holders.map((holder) => holder.answer.index)),
  );
  return {
    strategy: 'synthesize',
    model: input.mergeModel,
    content: written.content,
    quality: rounded(weightedScore(scores, weights)),
    contributions: contributionsOf(input.answers, panel, weights),
    agreements: agreementsOf(
      panel,
      judged.value.key_points.map(({ point, held_by }) => ({ claim: point, held_by })),
    ),
    disagreements: disagreementsOf(panel, judged.value.disagreements),
    fallback: null,
    ...endingOf(written),
    notes,
  };
}

function endingOf({ ending }: Extract<Written, { ok: true }>): Pick<MergeOutcome, 'ending'> {
  return ending === undefined ? {} : { ending };
}

/**
 * A synthesis that nobody judged: what stands in for a merge whose judgement could not be read, since prose needs no form. Weights come
 * from the words that the answers have in common.
 */
export async function synthesisWithoutJudging(
  merging: Merging,
  from: MergeStrategy,
  reason: string,
): Promise<MergeOutcome> {
  const { input, panel, notes } = merging;
  const written = await write(merging, null);
  if (!written.ok) return mostCentralAnswer(merging, from, `${reason}; ${written.reason}`);
  const what =
    from === 'synthesize'
      ? 'The synthesis was written without a judgement before it'
      : 'In its place stands a synthesis of the answers';
  return {
    strategy: 'synthesize',
    model: input.mergeModel,
    content: written.content,
    quality: null,
    contributions: contributionsOf(input.answers, panel, lexicalWeights(panel)),
    fallback: { from, reason: `${reason}. ${what}; the weights come from comparing words.` },
    ...endingOf(written),
    notes,
  };
}
