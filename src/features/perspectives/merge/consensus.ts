import type { MergeStrategy } from '../../../contracts/perspectives.ts';
import { mostCentralAnswer } from './computed.ts';
import { consensusSchema } from './judgement.ts';
import {
  agreementsOf,
  conclusionQuality,
  contributionsOf,
  disagreementsOf,
  labelMeans,
  scoresOf,
  weightsOf,
} from './judging.ts';
import type { MergeOutcome } from './merge-input.ts';
import type { Merging } from './merging.ts';
import { consensusMessages } from './prompts.ts';
import { relabel } from './relabel.ts';
import { askStructured } from './structured.ts';
import { synthesisWithoutJudging } from './synthesize.ts';

/** What the answers agree and disagree on, claim by claim, and a conclusion. One call; the conclusion streams out of it. */
export function mergeConsensus(merging: Merging): Promise<MergeOutcome> {
  return conclude(merging, 'consensus', null);
}

/**
 * The judging that ends a consensus, and a debate of so many rounds. A weight is an answer's score, raised by the share of the agreed claims
 * that it makes; quality is the weighted score, lowered by the share of claims that are disputed.
 */
export async function conclude(
  merging: Merging,
  strategy: MergeStrategy,
  debateRounds: number | null,
): Promise<MergeOutcome> {
  const { input, deps, question, panel, prose, notes } = merging;
  const judged = await askStructured(
    deps,
    {
      id: 'judge',
      modelId: input.mergeModel,
      name: 'consensus',
      messages: consensusMessages(question, panel, debateRounds),
      schema: consensusSchema(panel.labels, labelMeans(panel)),
    },
    { field: 'conclusion', onText: (text) => prose.push(text) },
  );
  if (!judged.ok) {
    return judged.why === 'unreadable'
      ? synthesisWithoutJudging(merging, strategy, judged.reason)
      : mostCentralAnswer(merging, strategy, judged.reason);
  }
  const scores = scoresOf(panel, judged.value.scores);
  const agreements = agreementsOf(panel, judged.value.agreements);
  const disagreements = disagreementsOf(panel, judged.value.disagreements);
  const weights = weightsOf(
    panel,
    scores,
    agreements.map((agreement) => agreement.perspectives),
  );
  return {
    strategy,
    model: input.mergeModel,
    content: relabel(panel, judged.value.conclusion),
    quality: conclusionQuality(panel, scores, weights, agreements.length, disagreements.length),
    contributions: contributionsOf(input.answers, panel, weights),
    agreements,
    disagreements,
    fallback: judged.brokenOff
      ? {
          from: strategy,
          reason: 'The conclusion broke off before its end; the claims and figures before it are whole.',
        }
      : null,
    notes,
  };
}
