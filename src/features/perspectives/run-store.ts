import type { Merge } from '../../contracts/perspectives.ts';
import type { Nano } from '../../platform/money.ts';
import type { CREDIT_LIMIT } from '../metering/index.ts';
import type { FinishReason, KeyStrategy, TokenUsage } from '../providers/index.ts';
import type { PerspectiveFailure } from './ask.ts';
import type { RunConversation } from './conversation/carried.ts';
import type { RunPlan } from './plan.ts';
import type { Standing } from './quorum.ts';
import type { RunHeld } from './run-holds.ts';
import type { RunOrigin } from './run-service.ts';
import type { RunTokens } from './run-tokens.ts';

/** Who asked, and how: what a run keeps beside its plan. */
export interface RunHeader {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly keyId: string | null;
  /** The first key of the rotations that it came from, where it is another. */
  readonly keyFamilyId?: string;
  readonly origin: RunOrigin;
  readonly createdAt: number;
  /** The request that started it, and the program that sent that. Absent in runs that began before they were kept. */
  readonly requestId?: string | null;
  readonly client?: string | null;
  /** The key has a monthly limit, within which the run is paid. */
  readonly spendLimited?: true;
  /** What the plan added to providers' prices when the run was held, in hundredths of a percent. Absent: the usual. */
  readonly markupBasisPoints?: number;
  /** What is held of credit for it. Absent in runs that began before it was kept: their answers have no limit. */
  readonly held?: RunHeld;
  /** What was taken for it of its user's tokens a minute; absent where none are counted. */
  readonly tokens?: readonly RunTokens[];
  /** The run took uses of its tenant's quotas, which are settled when it has ended. */
  readonly counted?: true;
}

/** A tool that a perspective asked for, as its model wrote it. */
export interface PerspectiveToolCall {
  readonly id: string;
  readonly name: string;
  /** JSON text; `{}` when the model wrote none. */
  readonly arguments: string;
  /** Opaque state that the model's provider wants back with the call. */
  readonly signature?: string;
}

export type PerspectiveStatus = 'pending' | 'streaming' | 'completed' | 'failed';

export interface StoredPerspective {
  readonly index: number;
  readonly status: PerspectiveStatus;
  /** How often it was asked: more than once only when an eviction came before its first word. */
  readonly asked: number;
  readonly content: string;
  readonly finishReason: string | null;
  readonly usage: TokenUsage;
  readonly costNano: Nano;
  readonly latencyMs: number | null;
  readonly firstTokenMs: number | null;
  readonly keyStrategy: KeyStrategy;
  /** The tenant's own key that was used; absent where it was another's. */
  readonly providerKeyId?: string | undefined;
  readonly error: PerspectiveFailure | null;
  /** The tools that a completed perspective asked for; absent when none. */
  readonly toolCalls?: readonly PerspectiveToolCall[];
}

/** How a perspective ended. */
export interface PerspectiveEnd {
  readonly status: 'completed' | 'failed';
  readonly content: string;
  readonly finishReason: string | null;
  readonly usage: TokenUsage;
  readonly costNano: Nano;
  readonly latencyMs: number | null;
  readonly firstTokenMs: number | null;
  readonly keyStrategy: KeyStrategy;
  /** The tenant's own key that was used; absent where it was another's. */
  readonly providerKeyId?: string | undefined;
  readonly error: PerspectiveFailure | null;
  readonly toolCalls?: readonly PerspectiveToolCall[];
}

/** What a run that carries a conversation comes to, as one model's turn. */
export interface RunDecision {
  readonly action: 'answer' | 'tool_calls';
  /** Whose calls, or whose words, were passed on as they are; null where texts were merged. */
  readonly perspective: number | null;
  readonly finishReason: FinishReason;
  /** Set where the words that were passed on were ended, because the credit did not reach further. */
  readonly stopReason?: typeof CREDIT_LIMIT;
  /** For a person. */
  readonly reason: string;
}

/** One paid call. Its `id` makes writing it twice harmless. */
export interface ReceiptLine {
  readonly id: string;
  readonly purpose: 'perspective' | 'merge' | 'debate';
  readonly perspective: number | null;
  readonly modelId: string;
  readonly keyStrategy: KeyStrategy;
  /** The tenant's own key that was used; absent where it was another's. */
  readonly providerKeyId?: string | undefined;
  readonly usage: TokenUsage;
  readonly costNano: Nano;
  /** What of the cost is charged, where that is less: it was more than what was held and the overrun. */
  readonly dueNano?: Nano;
  /** Set where the answer was ended, because the credit did not reach further. */
  readonly stopReason?: typeof CREDIT_LIMIT;
  readonly estimated: boolean;
  /** False when the catalog had no price, and `costNano` is therefore 0. */
  readonly priced: boolean;
}

export type RunStatus = 'running' | 'completed' | 'partial' | 'failed';

/** Everything a run is, as it stands in its Durable Object. */
export interface StoredRun {
  readonly header: RunHeader;
  readonly plan: RunPlan;
  readonly status: RunStatus;
  readonly completedAt: number | null;
  readonly perspectives: readonly StoredPerspective[];
  readonly merge: Merge | null;
  /** Null until it is made, and for a run of one prompt. */
  readonly decision: RunDecision | null;
  readonly receipt: readonly ReceiptLine[];
}

export interface Delta {
  readonly index: number;
  readonly text: string;
}

/**
 * Where a run writes what happens. Every method is one transaction: after it returns the change is there with its events, or the
 * machine stopped before and nothing is. Ends are written once; a second end of the same thing changes nothing.
 */
export interface RunStore {
  load(): StoredRun;
  /**
   * The conversation that the run carries; null for a run of one prompt, and for every run that has finished. May have megabytes, and is
   * therefore no part of `load()`.
   */
  conversation(): RunConversation | null;
  /** How the perspectives stand; cheap. */
  standing(): Standing;
  /** Text of a perspective that has been published but whose end has not. */
  publishedText(index: number): string;
  /** What a perspective has written into tool calls, its end not being there yet: names and arguments in one text, fit only for counting. */
  writtenCalls(index: number): string;
  /** Whether any of the merge's text has been published. */
  mergeBegun(): boolean;
  markAsked(index: number): void;
  /** Keeps whose key pays, so that the receipt of an answer that an eviction interrupts says it. */
  markStarted(index: number, keyStrategy: KeyStrategy, providerKeyId?: string): void;
  appendDeltas(deltas: readonly Delta[]): void;
  /** Keeps what was written into tool calls. Nobody is told: cut arguments are of no use to a reader, only what they cost is. */
  appendCallText(pieces: readonly Delta[]): void;
  endPerspective(index: number, end: PerspectiveEnd, line: ReceiptLine | null): void;
  appendMergeDelta(text: string): void;
  addReceiptLine(line: ReceiptLine): void;
  /** `decision` goes with the merge of a run that carries a conversation. */
  endMerge(merge: Merge, decision?: RunDecision): void;
  /** The decision of a run that ends without a merge. */
  decide(decision: RunDecision): void;
  finish(status: Exclude<RunStatus, 'running'>, at: number): void;
}
