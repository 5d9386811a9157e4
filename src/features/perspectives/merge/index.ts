/** Merging: what several answers to one question come to. Pure prompts, schemas and decisions, and an engine over an injected call. */
export { ANSWERS_BUDGET_TOKENS } from './cut.ts';
export { DATA_NOTICE, fence } from './fence.ts';
export type {
  DebateRound,
  MergeAnswer,
  MergeCall,
  MergeDeps,
  MergeInput,
  MergeOutcome,
  MergeReply,
  PositionStatus,
} from './merge-input.ts';
export { type MergeSketch, type PlannedCall, plannedCalls, type TokenRange } from './planned-calls.ts';
export { runMerge } from './run-merge.ts';
