import type { Disagreement, Merge, MergeStrategy } from '../../../contracts/perspectives.ts';
import type { CREDIT_LIMIT } from '../../metering/index.ts';
import type { FinishReason, Message, OutputFormat } from '../../providers/index.ts';

/** What stands around the question in the conversation that a run carries. Texts, already cut; null where there is nothing. */
export interface QuestionContext {
  readonly earlier: string | null;
  /** What was done since the question: tool calls and what they returned. */
  readonly since: string | null;
  /** The tools that the authors could call, when some of the answers are calls. */
  readonly tools: string | null;
}

/** One completed perspective. `index` is its place in the run. */
export interface MergeAnswer {
  readonly index: number;
  readonly modelId: string;
  /** The point of view it was asked to argue from. */
  readonly stance?: string | null;
  readonly content: string;
  /** Why it ended; `refusal` takes it out of the merge. */
  readonly finishReason?: string | null;
}

export interface MergeInput {
  readonly strategy: MergeStrategy;
  /** Rounds of a debate, 1 to 3; 2 when absent. */
  readonly rounds?: number;
  readonly prompt: string;
  /** The run's system text. */
  readonly system?: string | null;
  readonly context?: QuestionContext;
  /** The form that the merged text must have: JSON. Absent: prose. */
  readonly output?: OutputFormat;
  /** At least one. */
  readonly answers: readonly MergeAnswer[];
  /** Id of the model that judges and writes. */
  readonly mergeModel: string;
  /** The run's id: the same seed shows the answers to the judge in the same order. */
  readonly seed: string;
  /** Bound of each text that is written (a synthesis, a revised position), in tokens; 8,192 when absent. */
  readonly maxTokens?: number;
}

/** One call to a model. */
export interface MergeCall {
  /** Unique within the merge, e.g. `judge-1`, `round-2-0`: an identity for the receipt's line. */
  readonly id: string;
  readonly modelId: string;
  readonly purpose: 'merge' | 'debate';
  /** Whose position is asked for in a debate; null for the merging model. */
  readonly perspective: number | null;
  readonly messages: readonly Message[];
  /** Absent: prose. No temperature goes with any call: reasoning models refuse one, and what must not depend on chance is judged twice. */
  readonly output?: OutputFormat;
  /** What the call may produce at most; to be lowered to what the model can. */
  readonly maxTokens: number;
}

export interface MergeReply {
  readonly text: string;
  readonly finishReason: FinishReason;
  /** Set where it was ended at `length`, because the credit did not reach further. */
  readonly stopReason?: typeof CREDIT_LIMIT;
}

/** What a merge needs from around it. */
export interface MergeDeps {
  /** Makes a call. Throws `ModelCallError` when the model cannot be had; anything else that is thrown is a defect and ends the merge. */
  readonly ask: (call: MergeCall) => Promise<MergeReply>;
  /** The same, with the text as it comes. Absent: prose arrives in one piece. */
  readonly stream?: (call: MergeCall, onText: (text: string) => void) => Promise<MergeReply>;
  /**
   * The merged text as it grows. It is what a reader watches, not the record: when a merge falls back after its text had begun, what
   * was said stays said, and only the outcome's `content` counts.
   */
  readonly onDelta?: (text: string) => void;
  readonly onRound?: (round: DebateRound) => void;
  /** Aborts when the run is cancelled: the merge then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What became of a model's position in a round: `failed` ones stand as they were before. */
export type PositionStatus = 'revised' | 'kept' | 'failed';

export interface DebateRound {
  readonly round: number;
  readonly positions: readonly {
    readonly perspective: number;
    readonly model: string;
    readonly content: string;
    readonly status: PositionStatus;
  }[];
}

/** The merge, in the words of the contract; what it cost is known to whoever made the calls. */
export interface MergeOutcome {
  readonly strategy: MergeStrategy;
  /** The model that merged; null where none was needed or none could be had. */
  readonly model: string | null;
  readonly content: string;
  /** 0 to 1, from the judging; null where nothing was judged. */
  readonly quality: number | null;
  /** One for each answer of the input, in its order; the weights add up to 1. */
  readonly contributions: Merge['contributions'];
  readonly agreements?: NonNullable<Merge['agreements']>;
  readonly disagreements?: Disagreement[];
  readonly rounds?: readonly DebateRound[];
  readonly fallback: Merge['fallback'];
  /** How the text ended when not by itself: cut at a token bound, broken off, or ended where the credit did. */
  readonly ending?: 'length' | 'error' | typeof CREDIT_LIMIT;
  /** What a reader should know of how it came about: answers left out or cut, a tie and how it was broken, a position that stood still. */
  readonly notes: readonly string[];
}
