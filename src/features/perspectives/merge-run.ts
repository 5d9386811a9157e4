import type { Merge } from '../../contracts/perspectives.ts';
import { sum, toUsd, ZERO } from '../../platform/money.ts';
import type { Catalog } from '../catalog/index.ts';
import { type CallContext, ModelCallError } from '../providers/index.ts';
import { type MergeAnswer, type MergeOutcome, type QuestionContext, runMerge } from './merge/index.ts';
import { MergeCaller } from './merge-caller.ts';
import type { RunPlan } from './plan.ts';
import { systemOf } from './prompt.ts';
import type { RunHolds } from './run-holds.ts';
import type { ReceiptLine, RunStore, StoredRun } from './run-store.ts';
import { wholeUntil } from './whole-characters.ts';

export interface MergeRunDependencies {
  readonly store: RunStore;
  readonly catalog: Catalog;
  readonly context: CallContext;
  readonly signal: AbortSignal;
  /** The credit that the merge goes on; null where its answers have no limit. */
  readonly holds: RunHolds | null;
}

/**
 * Merges a run's completed perspectives as its plan says, writes each paid call on the receipt as it is made, and the merge at the end.
 * A merge that an eviction interrupted after its text had begun is not written a second time over the first: it is computed without a
 * model, and says so. Leaves the run as it is when the signal aborts.
 */
export async function mergeStoredRun(run: StoredRun, dependencies: MergeRunDependencies): Promise<void> {
  if (run.plan.merge === null) return;
  const made = await makeMerge(run, textAnswers(run), dependencies);
  if (made !== null) dependencies.store.endMerge(made.merge);
}

/** The completed perspectives that answered in text; those that called tools have not answered yet. */
export function textAnswers(run: StoredRun): MergeAnswer[] {
  return run.perspectives
    .filter(({ status, toolCalls }) => status === 'completed' && toolCalls === undefined)
    .map(({ index, content, finishReason }) => ({
      index,
      modelId: run.plan.perspectives[index]?.modelId ?? '',
      stance: run.plan.perspectives[index]?.stance ?? null,
      content,
      finishReason,
    }));
}

export interface MadeMerge {
  readonly outcome: MergeOutcome;
  /** The outcome with what it cost, as it is kept. */
  readonly merge: Merge;
}

export interface MergeOptions {
  /** False keeps the text from those who watch, for a merge that may come to something other than its text. */
  readonly publish?: boolean;
  /** Set when some of the answers are calls, which have no form: the tools that could be called, if that can be said. */
  readonly calls?: { readonly tools: string | null };
}

/** Makes the merge of these answers, at least one, and writes each paid call on the receipt. Null when the signal aborts. */
export async function makeMerge(
  run: StoredRun,
  answers: readonly MergeAnswer[],
  { store, catalog, context, signal, holds }: MergeRunDependencies,
  { publish = true, calls }: MergeOptions = {},
): Promise<MadeMerge | null> {
  const { merge: planned, conversation } = run.plan;
  if (planned === null) throw new RangeError('the run is not to be merged');
  const live = run.status === 'running';
  const interrupted = live && store.mergeBegun();
  const lines: ReceiptLine[] = [];
  holds?.beginMerge();
  const caller = new MergeCaller(catalog, context, signal, holds, (line) => {
    lines.push(line);
    store.addReceiptLine(line);
  });
  const deltas = live && publish && !interrupted ? { onDelta: publisher(store) } : {};
  try {
    const outcome = await runMerge(
      {
        strategy: planned.strategy,
        rounds: planned.rounds,
        prompt: questionOf(run.plan),
        system: systemOf(run.plan),
        ...(conversation === undefined
          ? {}
          : { context: contextOf(conversation.outline, calls?.tools ?? null) }),
        ...(conversation?.output && calls === undefined ? { output: conversation.output } : {}),
        answers,
        mergeModel: planned.modelId,
        seed: run.header.id,
        maxTokens: run.plan.maxTokens,
      },
      {
        ask: (call) => (interrupted ? refuseInterrupted() : caller.ask(call)),
        stream: (call, onText) => (interrupted ? refuseInterrupted() : caller.stream(call, onText)),
        ...deltas,
        signal,
      },
    );
    return { outcome, merge: asKept(outcome, lines) };
  } catch (error) {
    if (!signal.aborted) throw error;
    return null;
  }
}

/** The question as those who judge read it, with the names of what came with it. */
function questionOf({ prompt, conversation }: RunPlan): string {
  const attached = conversation?.outline.attached ?? null;
  return attached === null ? prompt : `${prompt}\n${attached}`;
}

function contextOf(
  { earlier, since }: Pick<QuestionContext, 'earlier' | 'since'>,
  tools: string | null,
): QuestionContext {
  return { earlier, since, tools };
}

/** Publishes the merged text in whole characters: a piece that ends within one leaves its half for the next. */
function publisher(store: RunStore): (text: string) => void {
  let half = '';
  return (text) => {
    const all = half + text;
    const end = wholeUntil(all, all.length);
    half = all.slice(end);
    if (end > 0) store.appendMergeDelta(all.slice(0, end));
  };
}

function asKept({ rounds, ending: _, ...rest }: MergeOutcome, lines: readonly ReceiptLine[]): Merge {
  return {
    ...rest,
    notes: [...rest.notes],
    ...(rounds === undefined
      ? {}
      : { rounds: rounds.map((round) => ({ round: round.round, positions: [...round.positions] })) }),
    usage: {
      input_tokens: lines.reduce((tokens, line) => tokens + line.usage.inputTokens, 0),
      output_tokens: lines.reduce((tokens, line) => tokens + line.usage.outputTokens, 0),
    },
    cost_usd: toUsd(lines.reduce((total, line) => sum(total, line.costNano), ZERO)),
  };
}

function refuseInterrupted(): never {
  throw new ModelCallError(
    { kind: 'connection', message: 'The machine that merged stopped while the text was being written.' },
    [],
  );
}
