import { type CallToolResult, CLIENT_CAPABILITIES_META_KEY } from '@modelcontextprotocol/server';
import type { Run } from '../../contracts/perspectives.ts';
import { runAnswer } from '../run-answer.ts';
import type { Era } from './exchange.ts';
import { answerResult } from './tool-result.ts';

/** The extension by which 2026-07-28 has tasks (SEP-2663, https://github.com/modelcontextprotocol/ext-tasks, specification/2026-07-28/tasks.md). */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** How often a client should ask, in milliseconds. */
const POLL_INTERVAL_MS = 2000;

export type TaskStatus = 'working' | 'completed' | 'failed' | 'cancelled';

/** A run as a task: its id is the run's id, so that any isolate can answer for it and nothing beside the run is kept. */
export interface TaskView {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly statusMessage: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  readonly [member: string]: unknown;
}

/** The two revisions name the same figures differently. */
export function taskView(run: Run, era: Era, retentionMs: number): TaskView {
  const answered = run.perspectives.filter((perspective) => perspective.status === 'completed').length;
  const figures =
    era === 'modern'
      ? { ttlMs: retentionMs, pollIntervalMs: POLL_INTERVAL_MS }
      : { ttl: retentionMs, pollInterval: POLL_INTERVAL_MS };
  return {
    taskId: run.id,
    status: taskStatus(run, era),
    statusMessage: `${answered} of ${run.perspectives.length} answers are in.`,
    createdAt: run.created_at,
    lastUpdatedAt: run.completed_at ?? run.created_at,
    ...figures,
  };
}

/**
 * A run that came to nothing is `failed` on 2025-11-25, whose tasks count a result with `isError` as failed, and `completed` with such a result on
 * 2026-07-28, which keeps `failed` for faults of the protocol.
 */
function taskStatus(run: Run, era: Era): TaskStatus {
  if (run.status === 'running') return 'working';
  if (run.perspectives.some((perspective) => perspective.error?.code === 'cancelled')) return 'cancelled';
  return run.status === 'failed' && era === 'legacy' ? 'failed' : 'completed';
}

/** What the call that began the task would have been answered. */
export function taskResult(run: Run): CallToolResult {
  return answerResult(runAnswer(run));
}

/** Whether the envelope of a 2026-07-28 request says that its sender can follow tasks. */
export function declaresTasks(envelope: unknown): boolean {
  const extensions = member(member(envelope, CLIENT_CAPABILITIES_META_KEY), 'extensions');
  return member(extensions, TASKS_EXTENSION) !== undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Whether a 2025-11-25 call asks to be made a task. */
export function asksForTask({ task }: { readonly task?: unknown }): boolean {
  return typeof task === 'object' && task !== null;
}
