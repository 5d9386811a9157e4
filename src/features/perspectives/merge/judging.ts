/** From a judge's answer to figures and claims about perspectives. Everything here is arithmetic on what was judged. */
import type { Disagreement, Merge } from '../../../contracts/perspectives.ts';
import {
  type JudgedAgreement,
  type JudgedDisagreement,
  type JudgedScore,
  RUBRIC,
  SCORE_MAX,
} from './judgement.ts';
import { centralities } from './lexical.ts';
import type { MergeAnswer } from './merge-input.ts';
import { memberOf, type Panel, type Panelist } from './panel.ts';
import { MAX_CLAIMS } from './prompts.ts';
import { relabel } from './relabel.ts';

/** Characters of a claim or a statement at most. */
const MAX_STATEMENT = 600;
/** Parts of a whole that weights are counted in, so that they add up. */
const WEIGHT_PARTS = 10_000;

/** Judged scores by perspective, 0 to 1. */
export type Scores = ReadonlyMap<number, number>;

/** Whether a label as a model wrote it means this one; the test that schemas use. */
export function labelMeans(panel: Panel): (written: string, label: string) => boolean {
  return (written, label) => memberOf(panel, written)?.label === label;
}

/** Each answer's score: the criteria weighed by the rubric's shares. The first score counts when a label comes twice. */
export function scoresOf(panel: Panel, judged: readonly JudgedScore[]): Scores {
  const scores = new Map<number, number>();
  for (const row of judged) {
    const member = memberOf(panel, row.label);
    if (member === undefined || scores.has(member.answer.index)) continue;
    const total =
      row.accuracy * RUBRIC.accuracy.share +
      row.relevance * RUBRIC.relevance.share +
      row.completeness * RUBRIC.completeness.share +
      row.clarity * RUBRIC.clarity.share;
    scores.set(member.answer.index, Math.min(1, Math.max(0, total / SCORE_MAX)));
  }
  return scores;
}

/** Panelists that labels name, each once; names of nobody are left out. */
export function membersOf(panel: Panel, written: readonly string[]): Panelist[] {
  const found = new Set<Panelist>();
  for (const label of written) {
    const member = memberOf(panel, label);
    if (member !== undefined) found.add(member);
  }
  return [...found].sort((a, b) => a.answer.index - b.answer.index);
}

/** Claims that at least two existing answers make. */
export function agreementsOf(
  panel: Panel,
  judged: readonly JudgedAgreement[],
): NonNullable<Merge['agreements']> {
  const agreements: NonNullable<Merge['agreements']> = [];
  for (const { claim, held_by } of judged) {
    const holders = membersOf(panel, held_by);
    if (holders.length < 2) continue;
    agreements.push({
      claim: statement(panel, claim),
      perspectives: holders.map((holder) => holder.answer.index),
      models: holders.map((holder) => holder.answer.modelId),
    });
  }
  return agreements.slice(0, MAX_CLAIMS);
}

/**
 * Claims on which existing answers differ. A position counts once an answer, the first; a claim on which all hold the same is no
 * disagreement, whatever the judge called it.
 */
export function disagreementsOf(panel: Panel, judged: readonly JudgedDisagreement[]): Disagreement[] {
  const disagreements: Disagreement[] = [];
  for (const { claim, positions } of judged) {
    const byIndex = new Map<number, Disagreement['positions'][number]>();
    for (const { label, holds, says } of positions) {
      const member = memberOf(panel, label);
      if (member === undefined || byIndex.has(member.answer.index)) continue;
      byIndex.set(member.answer.index, {
        perspective: member.answer.index,
        model: member.answer.modelId,
        holds: holds === null ? 'unclear' : holds ? 'yes' : 'no',
        statement: statement(panel, says),
      });
    }
    const held = [...byIndex.values()].sort((a, b) => a.perspective - b.perspective);
    if (new Set(held.map((position) => position.holds)).size < 2) continue;
    disagreements.push({ claim: statement(panel, claim), positions: held });
  }
  return disagreements.slice(0, MAX_CLAIMS);
}

function statement(panel: Panel, text: string): string {
  const named = relabel(panel, text.replace(/\s+/g, ' ').trim());
  return named.length <= MAX_STATEMENT
    ? named
    : `${named.slice(0, MAX_STATEMENT - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/**
 * What each answer weighs in a merge, not yet as parts of 1: its score, of which half goes by the share of the carrying claims that it makes.
 * `claims` holds, for each of them, the perspectives that make it; without claims the scores alone decide.
 */
export function weightsOf(
  panel: Panel,
  scores: Scores,
  claims: readonly (readonly number[])[],
): Map<number, number> {
  const weights = new Map<number, number>();
  for (const { answer } of panel.members) {
    const made = claims.filter((holders) => holders.includes(answer.index)).length;
    const share = claims.length === 0 ? 1 : made / claims.length;
    weights.set(answer.index, (scores.get(answer.index) ?? 0) * (0.5 + 0.5 * share));
  }
  return weights;
}

/** How much the answers say in common by their words; what weights rest on when a judge gave every answer nothing, or there was none. */
export function lexicalWeights(panel: Panel): Map<number, number> {
  const values = centralities(panel.members.map((member) => member.answer.content));
  return new Map(panel.members.map((member, position) => [member.answer.index, values[position] ?? 0]));
}

/**
 * Contributions of all answers of the input, in its order, the weights as parts of 1 to four decimals that add up (largest remainder).
 * Answers that took no part have 0. Weights that are all 0 give way to the words in common, those to equal parts.
 */
export function contributionsOf(
  answers: readonly MergeAnswer[],
  panel: Panel,
  weights: ReadonlyMap<number, number>,
): Merge['contributions'] {
  const totalOf = (map: ReadonlyMap<number, number>) =>
    [...map.values()].reduce((sum, value) => sum + value, 0);
  let used = weights;
  if (totalOf(used) <= 0) used = lexicalWeights(panel);
  if (totalOf(used) <= 0) used = new Map(panel.members.map((member) => [member.answer.index, 1]));
  const total = totalOf(used);
  const exact = answers.map((answer) => ((used.get(answer.index) ?? 0) / total) * WEIGHT_PARTS);
  const parts = exact.map(Math.floor);
  let left = WEIGHT_PARTS - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = exact
    .map((value, position) => ({ position, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder);
  for (const { position } of byRemainder) {
    if (left <= 0) break;
    parts[position] = (parts[position] ?? 0) + 1;
    left -= 1;
  }
  return answers.map((answer, position) => ({
    perspective: answer.index,
    model: answer.modelId,
    weight: (parts[position] ?? 0) / WEIGHT_PARTS,
  }));
}

/** The mean of the scores, each counted by its weight: what the material that went into a merge was judged at. */
export function weightedScore(scores: Scores, weights: ReadonlyMap<number, number>): number {
  let sum = 0;
  let total = 0;
  for (const [index, weight] of weights) {
    sum += (scores.get(index) ?? 0) * weight;
    total += weight;
  }
  return total === 0 ? 0 : sum / total;
}

/**
 * Quality of a conclusion: how good the answers under it are, less what they contradict each other on. `agreedShare` is the share of
 * the listed claims that are agreed; without claims, how much the answers say in common by their words.
 */
export function conclusionQuality(
  panel: Panel,
  scores: Scores,
  weights: ReadonlyMap<number, number>,
  agreed: number,
  disputed: number,
): number {
  const claims = agreed + disputed;
  const common = [...lexicalWeights(panel).values()];
  const agreedShare =
    claims > 0 ? agreed / claims : common.reduce((sum, value) => sum + value, 0) / Math.max(1, common.length);
  return rounded(weightedScore(scores, weights) * (0.5 + 0.5 * agreedShare));
}

/** A figure between 0 and 1 to three decimals. */
export function rounded(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
}
