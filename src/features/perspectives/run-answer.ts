import type { PerspectiveFailure } from './ask.ts';
import type { PerspectiveToolCall, ReceiptLine, RunDecision, RunStatus, StoredRun } from './run-store.ts';
import { wholeUntil } from './whole-characters.ts';

/** Longest refusal that is passed on, in UTF-16 units. */
const MAX_REFUSAL = 10_000;

/** What a run that carries a conversation has come to, as one model's turn; while it is under way, as far as it has come. */
export interface RunAnswer {
  readonly status: RunStatus;
  readonly decision: RunDecision | null;
  /** The answer, or what the model that acts said before its calls. */
  readonly text: string;
  readonly toolCalls: readonly PerspectiveToolCall[];
  /** Ids of the models whose words or calls these are, the weightiest first. */
  readonly models: readonly string[];
  readonly failures: readonly FailedPerspective[];
  readonly receipt: readonly ReceiptLine[];
}

export interface FailedPerspective {
  readonly modelId: string;
  readonly error: PerspectiveFailure;
  /** What it said when it declined; empty otherwise. */
  readonly refusal: string;
}

/** The answer of a run as it stands. */
export function runAnswer({ status, plan, perspectives, merge, decision, receipt }: StoredRun): RunAnswer {
  const modelOf = (index: number) => plan.perspectives[index]?.modelId ?? '';
  const acting = decision?.action === 'tool_calls' ? perspectives[decision.perspective ?? -1] : undefined;
  const contributions = [...(merge?.contributions ?? [])]
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return {
    status,
    decision,
    text: acting?.content ?? merge?.content ?? '',
    toolCalls: acting?.toolCalls ?? [],
    models:
      acting === undefined ? [...new Set(contributions.map(({ model }) => model))] : [modelOf(acting.index)],
    failures: perspectives.flatMap(({ index, error, content }): FailedPerspective[] => {
      if (error === null) return [];
      const refusal = error.code === 'refused' ? content.slice(0, wholeUntil(content, MAX_REFUSAL)) : '';
      return [{ modelId: modelOf(index), error, refusal }];
    }),
    receipt,
  };
}
