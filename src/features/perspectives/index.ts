/** Perspectives: one prompt, several models, an optional merge. What other slices and the Durable Object's shell may use. */
import type { Operation } from '../../platform/http/operation.ts';
import { cancelRun } from './routes/cancel-run.ts';
import { createRun } from './routes/create-run.ts';
import { demoRun } from './routes/demo.ts';
import { demoStatus } from './routes/demo-status.ts';
import { getRun } from './routes/get-run.ts';
import { listRuns } from './routes/list-runs.ts';
import { mergeRun } from './routes/merge-run.ts';
import { quoteRun } from './routes/quote-run.ts';
import { runEvents } from './routes/run-events.ts';

export { type AskEvent, askGroup, type PerspectiveCall } from './ask.ts';
export { concludeRun } from './conclude-run.ts';
export {
  type AskedConversation,
  MAX_CONVERSATION_BYTES,
  type RunConversation,
} from './conversation/carried.ts';
export { packCalls, unpackCalls } from './conversation/packed-calls.ts';
export type { RunModelSpec } from './conversation/plan-conversation.ts';
export { countRun } from './count-run.ts';
export { mergeStoredRun, textAnswers } from './merge-run.ts';
export type { PlannedMerge, RunPlan } from './plan.ts';
export { runStatus, type Standing } from './quorum.ts';
export { type RunAnswer, runAnswer } from './run-answer.ts';
export { chargeRun, holdMoreForRun } from './run-credit.ts';
export { driveRun, type StopReason } from './run-engine.ts';
export { type LendForRun, type RunHeld, RunHolds } from './run-holds.ts';
export {
  askRunModel,
  RUN_MODELS,
  type RunModel,
  type RunModelAnswer,
  type RunModelOptions,
  type RunReceipt,
} from './run-model.ts';
export type { TakenForRun } from './run-needs.ts';
export { settleForRun, usesOfReceipt } from './run-quota.ts';
export type { AnswerEvent, ConversationRun, RunOrigin, RunRow, RunService } from './run-service.ts';
export type {
  PerspectiveEnd,
  PerspectiveToolCall,
  ReceiptLine,
  RunDecision,
  RunHeader,
  RunStatus,
  RunStore,
  StoredPerspective,
  StoredRun,
} from './run-store.ts';
export { type RunTokens, settleTokensOf } from './run-tokens.ts';
export { usageOfRun } from './run-usage.ts';
export { perspectiveView, runView, totalCost } from './run-view.ts';
export { runsOf } from './runs-of.ts';
export { runs } from './schema.ts';
export { createRunService } from './service.ts';
export { wholeParts, wholeUntil } from './whole-characters.ts';

export const perspectiveOperations: readonly Operation[] = [
  quoteRun,
  createRun,
  listRuns,
  getRun,
  runEvents,
  mergeRun,
  cancelRun,
  demoRun,
  demoStatus,
];
