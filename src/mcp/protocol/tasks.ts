import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  RELATED_TASK_META_KEY,
  type Server,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Run } from '../../contracts/perspectives.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { McpRequest } from '../tool.ts';
import { defect } from './call-tool.ts';
import type { Exchange } from './exchange.ts';
import { declaresTasks, TASKS_EXTENSION, taskResult, taskView } from './task-view.ts';

const params = z.looseObject({ taskId: z.string() });
const result = z.looseObject({});

/**
 * Tasks of both revisions over the runs there are: a task's id is its run's id. 2025-11-25 has `tasks/get`, `tasks/result` and `tasks/cancel` (no `tasks/list`,
 * which would have to show running runs too, and the index has finished ones only). 2026-07-28 has `tasks/get` with the result inside, `tasks/update`, which
 * has nothing to do because a run never asks its caller anything, and `tasks/cancel`.
 */
export function serveTasks(server: Server, exchange: Exchange): void {
  const { era, runs, principal, runRetentionMs } = exchange;
  const view = (run: Run) => taskView(run, era, runRetentionMs);
  const handle = (
    method: string,
    answer: (run: Run, mcp: McpRequest) => Promise<Record<string, unknown>>,
  ) => {
    server.setRequestHandler(method, { params, result }, async ({ taskId }, { mcpReq }) => {
      if (era === 'modern') requireTasks(mcpReq);
      try {
        return await answer(await runs.get(principal, taskId), mcpReq);
      } catch (thrown) {
        if (thrown instanceof ParallaxError && thrown.code === 'not_found') {
          throw new ProtocolError(
            ProtocolErrorCode.InvalidParams,
            `There is no such task. ${thrown.message}`,
          );
        }
        throw defect(thrown, `${method} failed`, exchange);
      }
    });
  };

  if (era === 'modern') {
    handle('tasks/get', async (run) => {
      const task = view(run);
      return task.status === 'completed' ? { ...task, result: { ...taskResult(run) } } : task;
    });
    handle('tasks/update', async () => ({}));
    handle('tasks/cancel', async (run) => {
      await runs.cancel(principal, run.id);
      return {};
    });
    return;
  }

  handle('tasks/get', async (run) => view(run));
  // Blocks until the run has ended, as 2025-11-25 demands; the stream's keep-alive comments hold the connection.
  handle('tasks/result', async (run) => {
    const finished = run.status === 'running' ? await runs.finished(principal, run.id) : run;
    return { ...taskResult(finished), _meta: { [RELATED_TASK_META_KEY]: { taskId: run.id } } };
  });
  handle('tasks/cancel', async (run) => {
    if (run.status !== 'running') {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `The task has ended already (${view(run).status}); there is nothing to cancel.`,
      );
    }
    await runs.cancel(principal, run.id);
    return { ...view(await runs.finished(principal, run.id)), status: 'cancelled' };
  });
}

function requireTasks(mcp: McpRequest): void {
  if (declaresTasks(mcp.envelope)) return;
  throw new MissingRequiredClientCapabilityError(
    { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } },
    `This needs the client capability ${TASKS_EXTENSION}.`,
  );
}
