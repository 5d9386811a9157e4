import { mergeBestOf } from './best-of.ts';
import { soleAnswer } from './computed.ts';
import { mergeConsensus } from './consensus.ts';
import { mergeDebate } from './debate.ts';
import type { MergeDeps, MergeInput, MergeOutcome } from './merge-input.ts';
import { beginMerging, type Merging } from './merging.ts';
import { saysNothing } from './refusal.ts';
import { mergeSynthesize } from './synthesize.ts';

/**
 * Merges the answers of a run. Whatever a model does, there is an outcome: a judgement that cannot be read is asked for once more, then a
 * simpler merge takes its place (`fallback` says which was asked for and why it could not be had), in the end one that needs no model.
 * An answer that is the only one, or the only one that says anything, is returned as it is.
 * Throws `RangeError` without answers, the signal's reason when the run is cancelled, and whatever `deps` throws other than
 * `ModelCallError`.
 */
export async function runMerge(input: MergeInput, deps: MergeDeps): Promise<MergeOutcome> {
  const [only] = input.answers;
  if (only === undefined) throw new RangeError('a merge needs at least one answer');
  deps.signal?.throwIfAborted();
  const speaking = input.answers.filter((answer) => !saysNothing(answer));
  const silent = input.answers.filter((answer) => saysNothing(answer));
  const [sole] = speaking;
  if (input.answers.length === 1)
    return shown(deps, soleAnswer(input, only, 'There was only one answer, so it stands as it is.', []));
  if (sole === undefined) {
    const least = silent.find((answer) => answer.content.trim() !== '') ?? only;
    return shown(
      deps,
      soleAnswer(input, least, 'Every answer was empty or a refusal, so there was nothing to merge.', []),
    );
  }
  if (speaking.length === 1) {
    const reason =
      'Only one answer said anything to the question; the others declined or were empty. It stands as it is.';
    return shown(deps, soleAnswer(input, sole, reason, []));
  }
  const merging = beginMerging(input, deps, speaking, silent);
  const outcome = await strategyOf(merging);
  merging.prose.finish(outcome.content);
  return outcome;
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
