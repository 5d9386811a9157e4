import type { Merge } from '../../contracts/perspectives.ts';
import type { Nano } from '../../platform/money.ts';
import type { KeyStrategy, TokenUsage } from '../providers/index.ts';
import type { PerspectiveFailure } from './ask.ts';
import type { RunPlan } from './plan.ts';
import type { Standing } from './quorum.ts';
import type { RunOrigin } from './run-service.ts';

/** Who asked, and how: what a run keeps beside its plan. */
export interface RunHeader {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly keyId: string | null;
  readonly origin: RunOrigin;
  readonly createdAt: number;
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
  readonly error: PerspectiveFailure | null;
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
  readonly error: PerspectiveFailure | null;
}

/** One paid call. Its `id` makes writing it twice harmless. */
export interface ReceiptLine {
  readonly id: string;
  readonly purpose: 'perspective' | 'merge' | 'debate';
  readonly perspective: number | null;
  readonly modelId: string;
  readonly keyStrategy: KeyStrategy;
  readonly usage: TokenUsage;
  readonly costNano: Nano;
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
  /** How the perspectives stand; cheap. */
  standing(): Standing;
  /** Text of a perspective that has been published but whose end has not. */
  publishedText(index: number): string;
  /** Whether any of the merge's text has been published. */
  mergeBegun(): boolean;
  markAsked(index: number): void;
  /** Keeps whose key pays, so that the receipt of an answer that an eviction interrupts says it. */
  markStarted(index: number, keyStrategy: KeyStrategy): void;
  appendDeltas(deltas: readonly Delta[]): void;
  endPerspective(index: number, end: PerspectiveEnd, line: ReceiptLine | null): void;
  appendMergeDelta(text: string): void;
  addReceiptLine(line: ReceiptLine): void;
  endMerge(merge: Merge): void;
  finish(status: Exclude<RunStatus, 'running'>, at: number): void;
}
