import type { z } from 'zod';
import type { MergeStrategy } from '../../../contracts/perspectives.ts';
import { bestByScores, mostCentralAnswer, rankedMembers } from './computed.ts';
import { consensusSchema } from './judgement.ts';
import {
  agreementsOf,
  conclusionQuality,
  contributionsOf,
  disagreementsOf,
  labelMeans,
  membersOf,
  type Scores,
  scoresOf,
  weightsOf,
} from './judging.ts';
import type { MergeOutcome } from './merge-input.ts';
import type { Merging } from './merging.ts';
import { memberOf, type Panel } from './panel.ts';
import { consensusMessages, type WritingNotes } from './prompts.ts';
import { relabel } from './relabel.ts';
import { askStructured } from './structured.ts';
import { synthesisWithoutJudging } from './synthesize.ts';
import { write } from './write.ts';

/**
 * What the answers agree and disagree on, claim by claim, and a conclusion. One call; the conclusion streams out of it. Where the answer must have a form, a second
 * call writes it in that form along what was found.
 */
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
  const shown =
    input.output === undefined
      ? { field: 'conclusion', onText: (text: string) => prose.push(text) }
      : undefined;
  const judged = await askStructured(
    deps,
    {
      id: 'judge',
      modelId: input.mergeModel,
      name: 'consensus',
      messages: consensusMessages(question, panel, debateRounds),
      schema: consensusSchema(panel.labels, labelMeans(panel)),
    },
    shown,
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
  const concluded =
    input.output === undefined
      ? { ok: true as const, content: relabel(panel, judged.value.conclusion) }
      : await write(merging, notesOf(merging.panel, scores, judged.value));
  if (!concluded.ok) return bestByScores(merging, scores, strategy, concluded.reason);
  const brokenOff = judged.brokenOff && input.output === undefined;
  return {
    strategy,
    model: input.mergeModel,
    content: concluded.content,
    quality: conclusionQuality(panel, scores, weights, agreements.length, disagreements.length),
    contributions: contributionsOf(input.answers, panel, weights),
    agreements,
    disagreements,
    fallback: brokenOff
      ? {
          from: strategy,
          reason: 'The conclusion broke off before its end; the claims and figures before it are whole.',
        }
      : null,
    ...(brokenOff ? { ending: 'error' as const } : {}),
    notes,
  };
}

/** What the judging found, for the one who writes the conclusion in a form of its own. */
function notesOf(panel: Panel, scores: Scores, judged: Judged): WritingNotes {
  return {
    keyPoints: judged.agreements.map(({ claim, held_by }) => ({
      point: claim,
      labels: membersOf(panel, held_by).map(({ label }) => label),
    })),
    disputes: judged.disagreements.map(({ claim, positions }) => ({
      claim,
      positions: positions.filter(({ label }) => memberOf(panel, label) !== undefined),
    })),
    ranking: rankedMembers(panel, scores).map((member) => member.label),
    conclusion: judged.conclusion,
  };
}

type Judged = z.infer<ReturnType<typeof consensusSchema>>;
