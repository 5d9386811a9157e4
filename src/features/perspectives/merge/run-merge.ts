import { mergeBestOf } from './best-of.ts';
import { soleAnswer } from './computed.ts';
import { mergeConsensus } from './consensus.ts';
import { mergeDebate } from './debate.ts';
import { inForm } from './form.ts';
import type { MergeAnswer, MergeDeps, MergeInput, MergeOutcome } from './merge-input.ts';
import { beginMerging, type Merging } from './merging.ts';
import { saysNothing } from './refusal.ts';
import { mergeSynthesize } from './synthesize.ts';

/**
 * Merges the answers of a run. Whatever a model does, there is an outcome: a judgement that cannot be read is asked for once more, then a
 * simpler merge takes its place (`fallback` says which was asked for and why it could not be had), in the end one that needs no model.
 * An answer that is the only one, or the only one that says anything, is returned as it is. Where a form was asked for, the outcome has it whenever
 * the merging model or any one of the answers does.
 * Throws `RangeError` without answers, the signal's reason when the run is cancelled, and whatever `deps` throws other than
 * `ModelCallError`.
 */
export async function runMerge(input: MergeInput, deps: MergeDeps): Promise<MergeOutcome> {
  const [only] = input.answers;
  if (only === undefined) throw new RangeError('a merge needs at least one answer');
  deps.signal?.throwIfAborted();
  const speaking = input.answers.filter((answer) => !saysNothing(answer));
  const silent = input.answers.filter((answer) => saysNothing(answer));
  const candidates = candidatesOf(input, speaking);
  const [sole] = candidates;
  if (input.answers.length === 1)
    return shown(deps, soleAnswer(input, only, 'There was only one answer, so it stands as it is.', []));
  if (sole === undefined) {
    const least = silent.find((answer) => answer.content.trim() !== '') ?? only;
    return shown(
      deps,
      soleAnswer(input, least, 'Every answer was empty or a refusal, so there was nothing to merge.', []),
    );
  }
  if (candidates.length === 1) {
    const reason =
      speaking.length === 1
        ? 'Only one answer said anything to the question; the others declined or were empty. It stands as it is.'
        : 'Only one answer has the form that was asked for. It stands as it is.';
    return shown(deps, soleAnswer(input, sole, reason, []));
  }
  const merging = beginMerging(input, deps, candidates, silent);
  const formless = speaking.filter((answer) => !candidates.includes(answer));
  if (formless.length > 0) {
    const names = formless.map(({ modelId }) => modelId).join(', ');
    merging.notes.push(`${names} did not answer in the form that was asked for and took no part.`);
  }
  const outcome = inAskedForm(input, await strategyOf(merging));
  merging.prose.finish(outcome.content);
  return outcome;
}

/** The answers that take part. `best_of` gives one of them word for word: where any has the form that was asked for, the others are no candidates. */
function candidatesOf(
  { strategy, output }: MergeInput,
  speaking: readonly MergeAnswer[],
): readonly MergeAnswer[] {
  if (strategy !== 'best_of' || output === undefined) return speaking;
  const formed = speaking.filter(({ content }) => inForm(content, output).ok);
  return formed.length > 0 ? formed : speaking;
}

/** The outcome, or, when its text has not the form that was asked for, the answer of most weight that has it. */
function inAskedForm(input: MergeInput, outcome: MergeOutcome): MergeOutcome {
  const { output, answers } = input;
  if (output === undefined || inForm(outcome.content, output).ok) return outcome;
  const weights = new Map(outcome.contributions.map(({ perspective, weight }) => [perspective, weight]));
  const byWeight = [...answers].sort((a, b) => (weights.get(b.index) ?? 0) - (weights.get(a.index) ?? 0));
  const formed = byWeight.find(({ content }) => inForm(content, output).ok);
  const { ending: _, ...rest } = outcome;
  if (formed === undefined) {
    const content = byWeight[0]?.content ?? outcome.content;
    return { ...rest, content, notes: [...outcome.notes, 'No answer has the form that was asked for.'] };
  }
  const reason = [
    outcome.fallback?.reason ?? 'The merged text had not the form that was asked for.',
    `The answer stands that weighs most among those that have it, that of ${formed.modelId}.`,
  ].join(' ');
  return {
    ...rest,
    strategy: 'best_of',
    content: formed.content,
    fallback: { from: input.strategy, reason },
  };
}

function strategyOf(merging: Merging): Promise<MergeOutcome> {
  switch (merging.input.strategy) {
    case 'consensus':
      return mergeConsensus(merging);
    case 'best_of':
      return mergeBestOf(merging);
    case 'synthesize':
      return mergeSynthesize(merging);
    case 'debate':
      return mergeDebate(merging);
  }
}

function shown(deps: MergeDeps, outcome: MergeOutcome): MergeOutcome {
  if (outcome.content !== '') deps.onDelta?.(outcome.content);
  return outcome;
}
