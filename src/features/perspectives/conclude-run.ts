import { CREDIT_LIMIT } from '../metering/index.ts';
import type { FinishReason } from '../providers/index.ts';
import { type Candidate, type Decision, decide } from './conversation/decide.ts';
import { actionText, inForm, type MergeAnswer, type MergeOutcome } from './merge/index.ts';
import { type MadeMerge, type MergeRunDependencies, makeMerge, mergeStoredRun } from './merge-run.ts';
import type { PlannedConversation } from './plan.ts';
import type { RunDecision, StoredRun } from './run-store.ts';

/**
 * What comes after a run's perspectives have ended: a run of one prompt is merged; one that carries a conversation acts or answers (`decide.ts`). When it acts,
 * the calls of one perspective are passed on as they are and nothing is merged or paid, but for the judging of `best_of`, which then is the decision. Leaves the
 * run as it is when the signal aborts.
 */
export async function concludeRun(run: StoredRun, dependencies: MergeRunDependencies): Promise<void> {
  const { merge, conversation } = run.plan;
  if (merge === null || conversation === undefined) return mergeStoredRun(run, dependencies);
  const taken = candidatesOf(run);
  let decision = decide(taken, conversation.tools, merge.strategy === 'best_of' ? 'judging' : 'vote');
  if (decision.action === 'judge') {
    const judged = await judge(run, decision.candidates, conversation, dependencies);
    if (judged === 'settled') return;
    // Without a judge the models decide by themselves.
    decision = judged ?? decide(taken, conversation.tools, 'vote');
  }
  if (decision.action === 'tool_calls') dependencies.store.decide(acts(decision));
  else if (decision.action === 'answer') await answer(run, decision, conversation, dependencies);
}

function candidatesOf({ plan, perspectives }: StoredRun): Candidate[] {
  return perspectives
    .filter(({ status }) => status === 'completed')
    .map(({ index, content, finishReason, toolCalls = [] }) => ({
      index,
      modelId: plan.perspectives[index]?.modelId ?? '',
      content,
      calls: toolCalls,
      finishReason,
    }));
}

function acts({ perspective, reason }: Extract<Decision, { action: 'tool_calls' }>): RunDecision {
  return { action: 'tool_calls', perspective, finishReason: 'tool_calls', reason };
}

/**
 * Lets the judge choose among calls and texts; a text that has not the form that was asked for is no candidate where others have it. Gives a decision where there is
 * nothing to judge, and null when the judge could not be had. What it chose is `settled`.
 */
async function judge(
  run: StoredRun,
  candidates: readonly Candidate[],
  conversation: PlannedConversation,
  dependencies: MergeRunDependencies,
): Promise<'settled' | Decision | null> {
  const { output, outline } = conversation;
  const usable = candidates.filter(
    ({ calls, content }) => calls.length > 0 || output === null || inForm(content, output).ok,
  );
  const [only, ...others] = usable;
  if (only !== undefined && others.length === 0) return soleDecision(only);
  const judged = usable.length > 1 ? usable : candidates;
  const answers = judged.map((candidate) => answerOf(run, candidate, conversation));
  const made = await makeMerge(run, answers, dependencies, {
    publish: false,
    calls: { tools: outline.tools },
  });
  if (made === null) return 'settled';
  const winner = standing(answers, made.outcome);
  const best = judged.find(({ index }) => index === winner?.index);
  if (made.outcome.fallback !== null || best === undefined) return null;
  const reason = `The turn of ${best.modelId} was judged best.`;
  if (best.calls.length > 0) return { action: 'tool_calls', perspective: best.index, reason };
  keep(made, answers, reason, dependencies);
  return 'settled';
}

function soleDecision(only: Candidate): Decision {
  const reason = `Only ${only.modelId} did what was asked for.`;
  return only.calls.length > 0
    ? { action: 'tool_calls', perspective: only.index, reason }
    : { action: 'answer', candidates: [only], reason };
}

async function answer(
  run: StoredRun,
  { candidates, reason }: Extract<Decision, { action: 'answer' }>,
  conversation: PlannedConversation,
  dependencies: MergeRunDependencies,
): Promise<void> {
  const answers = candidates.map(({ calls: _, ...text }) =>
    answerOf(run, { ...text, calls: [] }, conversation),
  );
  // What is known only when it is whole is not published piece by piece: should the machine stop, it is made again rather than replaced by something simpler.
  const publish = run.plan.merge?.strategy !== 'best_of' && conversation.output === null;
  const made = await makeMerge(run, answers, dependencies, { publish });
  if (made !== null) keep(made, answers, reason, dependencies);
}

/** A perspective as merging sees it: JSON that was asked for without the fence that some models put around it, calls as text. */
function answerOf(
  { plan }: StoredRun,
  { index, modelId, content, calls, finishReason }: Candidate,
  { output }: PlannedConversation,
): MergeAnswer {
  const formed = output === null ? null : inForm(content, output);
  const text = formed?.ok ? formed.text : content;
  return {
    index,
    modelId,
    stance: plan.perspectives[index]?.stance ?? null,
    content: calls.length === 0 ? text : actionText(text, calls),
    finishReason,
  };
}

function keep(
  { outcome, merge }: MadeMerge,
  answers: readonly MergeAnswer[],
  reason: string,
  { store }: MergeRunDependencies,
): void {
  const winner = standing(answers, outcome);
  store.endMerge(merge, {
    action: 'answer',
    perspective: winner?.index ?? null,
    ...endOf(winner === undefined ? (outcome.ending ?? 'stop') : finishOf(winner.finishReason)),
    reason,
  });
}

/** Where the credit did not reach further an answer ends as at a bound, and says why beside it. */
function endOf(reason: FinishReason | typeof CREDIT_LIMIT): Pick<RunDecision, 'finishReason' | 'stopReason'> {
  return reason === CREDIT_LIMIT
    ? { finishReason: 'length', stopReason: CREDIT_LIMIT }
    : { finishReason: reason };
}

/** The answer that the outcome is, word for word; undefined when it was written from several. Of equal texts the one that weighs most. */
function standing(answers: readonly MergeAnswer[], outcome: MergeOutcome): MergeAnswer | undefined {
  if (outcome.strategy !== 'best_of') return undefined;
  const weights = new Map(outcome.contributions.map(({ perspective, weight }) => [perspective, weight]));
  return [...answers]
    .sort((a, b) => (weights.get(b.index) ?? 0) - (weights.get(a.index) ?? 0))
    .find(({ content }) => content === outcome.content);
}

/** Why a text that is passed on ended. Everything that says no more than that it is whole is `stop`. */
function finishOf(reason: string | null | undefined): FinishReason | typeof CREDIT_LIMIT {
  switch (reason) {
    case 'length':
    case 'stop_sequence':
    case 'refusal':
    case 'pause':
    case 'error':
    case CREDIT_LIMIT:
      return reason;
    default:
      return 'stop';
  }
}
