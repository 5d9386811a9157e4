/** Merging: what several answers to one question come to. Pure prompts, schemas and decisions, and an engine over an injected call. */
export { ANSWERS_BUDGET_TOKENS, cutFairly, cutText } from './cut.ts';
export { DATA_NOTICE, fence } from './fence.ts';
export { inForm } from './form.ts';
export type {
  DebateRound,
  MergeAnswer,
  MergeCall,
  MergeDeps,
  MergeInput,
  MergeOutcome,
  MergeReply,
  PositionStatus,
  QuestionContext,
} from './merge-input.ts';
export { type MergeSketch, type PlannedCall, plannedCalls, type TokenRange } from './planned-calls.ts';
export { actionText } from './prompts.ts';
export { saysNothing } from './refusal.ts';
export { runMerge } from './run-merge.ts';
