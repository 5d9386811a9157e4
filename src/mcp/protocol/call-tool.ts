import {
  type CallToolResult,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import { refusalOf } from '../../contracts/permissions.ts';
import { asParallaxError, ParallaxError } from '../../platform/errors.ts';
import { validate } from '../../platform/http/read-json.ts';
import { refused } from '../../platform/permission.ts';
import { createProgress, NO_PROGRESS, type Progress } from '../progress.ts';
import type { McpRequest, TaskMode, Tool, ToolContext } from '../tool.ts';
import { waitMore } from '../wording.ts';
import type { Exchange } from './exchange.ts';
import { asksForTask, declaresTasks, taskView } from './task-view.ts';
import { answerResult, errorResult } from './tool-result.ts';

export interface ToolCall {
  readonly name: string;
  readonly arguments?: Record<string, unknown> | undefined;
  /** Set by a 2025-11-25 client that wants a task. */
  readonly task?: unknown;
}

/**
 * Answers `tools/call`. What a caller can put right is a result with `isError` that says how; an unknown tool, and a defect of ours (logged, with the request's
 * id), is an error of the protocol.
 */
export async function callTool(
  call: ToolCall,
  mcp: McpRequest,
  exchange: Exchange,
): Promise<CallToolResult | InputRequiredResult> {
  const { tools } = exchange.offer;
  const tool = tools.find(({ name }) => name === call.name);
  if (tool === undefined) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      `There is no tool "${call.name.slice(0, 100)}". There are: ${tools.map(({ name }) => name).join(', ')}.`,
    );
  }
  const task = taskMode(tool, call, mcp, exchange);
  const work = runTool(tool, call, { ...toolContext(mcp, exchange), task }, exchange);
  // A client of 2026-07-28 that goes away cancels its run, which takes a moment after it has gone.
  if (exchange.era === 'modern') exchange.waitUntil(work.catch(() => undefined));
  return await work;
}

async function runTool(
  tool: Tool,
  call: ToolCall,
  context: ToolContext,
  exchange: Exchange,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const refusal = refusalOf(exchange.principal, tool.permission);
    if (refusal !== null) throw refused(refusal, tool.permission, exchange.principal, tool.name);
    const input = validate(tool.input, call.arguments ?? {});
    const answer = await tool.run(input, context);
    if (answer.kind === 'answer') return answerResult(answer);
    if (answer.kind === 'wire') return answer.result;
    return await taskCreated(answer.runId, exchange);
  } catch (thrown) {
    if (thrown instanceof ParallaxError && thrown.code !== 'internal')
      return errorResult(thrown, exchange.requestId);
    throw defect(thrown, `the tool ${tool.name} failed`, exchange);
  }
}

/** A defect: logged with all that is known, told to the client with no more than the id to quote. */
export function defect(thrown: unknown, message: string, { log, requestId }: Exchange): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  log.error(message, { error: thrown instanceof ParallaxError ? (thrown.cause ?? thrown) : thrown });
  return new ProtocolError(
    ProtocolErrorCode.InternalError,
    `${asParallaxError(thrown).message} (${requestId})`,
  );
}

function toolContext(mcp: McpRequest, exchange: Exchange): Omit<ToolContext, 'task'> {
  return {
    principal: exchange.principal,
    request: mcp,
    runs: exchange.runs,
    catalog: exchange.catalog,
    router: exchange.router,
    usage: exchange.usage,
    log: exchange.log,
    patience: exchange.patience,
    progress: progressOf(mcp, exchange),
    signal: mcp.signal,
    goneMeansCancel: exchange.era === 'modern',
    started: (runId) => exchange.remember(mcp.id, runId),
  };
}

/** Progress goes to those who sent a token for it, as long as they are there. */
function progressOf(mcp: McpRequest, { log }: Exchange): Progress {
  const progressToken = mcp._meta?.progressToken;
  if (progressToken === undefined) return NO_PROGRESS;
  return createProgress(async (step) => {
    if (mcp.signal.aborted) return;
    try {
      await mcp.notify({ method: 'notifications/progress', params: { progressToken, ...step } });
    } catch (error) {
      // The stream broke between the check and the write: the run goes on, or is cancelled by the signal.
      log.info('progress found no reader', { error });
    }
  });
}

function taskMode(tool: Tool, call: ToolCall, mcp: McpRequest, { era }: Exchange): TaskMode {
  if (era === 'modern') {
    return tool.long && declaresTasks(mcp.envelope) ? 'when-slow' : 'never';
  }
  if (!asksForTask(call)) return 'never';
  if (tool.long) return 'at-once';
  throw new ProtocolError(
    ProtocolErrorCode.MethodNotFound,
    `${tool.name} cannot be called as a task; its execution.taskSupport is not set.`,
  );
}

/** `CreateTaskResult` of either revision. The SDK's type of a tool's result has no word for it; its wire schemas let it pass. */
async function taskCreated(
  runId: string,
  { era, runs, principal, runRetentionMs }: Exchange,
): Promise<CallToolResult> {
  const view = taskView(await runs.get(principal, runId), era, runRetentionMs);
  if (era === 'modern') return { content: [], ...view, resultType: 'task' };
  return {
    content: [],
    task: { ...view, status: 'working' },
    // What a host may hand to its model while the task runs (2025-11-25, basic/utilities/tasks, "Creating Tasks").
    _meta: { 'io.modelcontextprotocol/model-immediate-response': waitMore(runId) },
  };
}
