import type { Perspective, Run, RunEvent } from '../contracts/perspectives.ts';
import type { RunRow, RunService } from '../features/perspectives/index.ts';
import { ParallaxError } from '../platform/errors.ts';
import { formatSse } from '../platform/sse.ts';
import { exampleRun } from './digest/example-run.ts';

/** A run whose every step a test takes by hand. */
export interface ScriptedRun {
  readonly id: string;
  answer(index: number, content: string): void;
  fail(index: number, code: string): void;
  finish(): void;
  readonly now: Run;
}

/**
 * `RunService` in memory, for tests of the protocol: it starts runs and waits for the test to answer them, so that what happens between two answers needs no
 * real time. It prices nothing and merges nothing.
 */
export interface ScriptedRuns extends RunService {
  /** The runs in the order they were started. */
  readonly started: readonly ScriptedRun[];
  /** Resolves when so many runs have been started. */
  waitForStart(count?: number): Promise<ScriptedRun>;
  readonly cancelled: readonly string[];
}

interface State {
  readonly tenantId: string;
  run: Run;
  readonly events: RunEvent[];
  readonly watchers: Set<() => void>;
}

export function createScriptedRuns(): ScriptedRuns {
  const states = new Map<string, State>();
  const started: ScriptedRun[] = [];
  const cancelled: string[] = [];
  const startWatchers = new Set<() => void>();
  const stateOf = (tenantId: string, id: string): State => {
    const state = states.get(id);
    if (state === undefined || state.tenantId !== tenantId)
      throw new ParallaxError('not_found', 'There is no such run.');
    return state;
  };
  const emit = (state: State, event: RunEvent) => {
    state.events.push(event);
    for (const wake of state.watchers) wake();
  };
  const end = (state: State, index: number, ended: Partial<Perspective>) => {
    const perspectives = state.run.perspectives.map((one, at) => (at === index ? { ...one, ...ended } : one));
    state.run = { ...state.run, perspectives };
    const perspective = perspectives[index];
    if (perspective === undefined) throw new Error(`the run has no perspective ${index}`);
    const type = perspective.status === 'completed' ? 'perspective.completed' : 'perspective.failed';
    emit(state, { type, index, perspective });
  };
  const finish = (state: State) => {
    if (state.run.status !== 'running') return;
    const completed = state.run.perspectives.filter(({ status }) => status === 'completed').length;
    const status =
      completed === 0 ? 'failed' : completed === state.run.perspectives.length ? 'completed' : 'partial';
    state.run = { ...state.run, status, completed_at: '2026-11-20T10:00:09.000Z' };
    emit(state, { type: 'run.completed', run: state.run });
  };

  const service: ScriptedRuns = {
    started,
    cancelled,
    async waitForStart(count = 1) {
      while (started.length < count) {
        await new Promise<void>((resolve) => {
          startWatchers.add(resolve);
        });
      }
      const run = started[count - 1];
      if (run === undefined) throw new Error('no run was started');
      return run;
    },

    async start(principal, request) {
      const choices = request.models ?? ['local/swift', 'local/sage', 'local/scribe'];
      if (choices.includes('local/unknown')) {
        throw new ParallaxError(
          'model_not_found',
          'There is no model local/unknown. Did you mean local/swift?',
          {
            details: { nearest: ['local/swift'] },
          },
        );
      }
      if (request.prompt === 'break') throw new Error('a defect with a secret inside');
      const id = `run_0${started.length + 1}`;
      const template = exampleRun({ answers: choices.map(() => ({ content: '' })), status: 'running' });
      const run: Run = {
        ...template,
        id,
        prompt: request.prompt,
        perspectives: template.perspectives.map((one, index) => {
          const choice = choices[index] ?? '';
          const named =
            typeof choice === 'string'
              ? { model: choice, stance: null }
              : { model: choice.model, stance: choice.stance ?? null };
          return { ...one, ...named, status: 'pending', finish_reason: null, latency_ms: null };
        }),
      };
      const state: State = {
        tenantId: principal.tenantId,
        run,
        events: [{ type: 'run.started', run }],
        watchers: new Set(),
      };
      states.set(id, state);
      started.push({
        id,
        answer: (index, content) =>
          end(state, index, { status: 'completed', content, latency_ms: 120, finish_reason: 'stop' }),
        fail: (index, code) =>
          end(state, index, {
            status: 'failed',
            error: { code, message: `It failed: ${code}.`, retryable: true },
          }),
        finish: () => finish(state),
        get now() {
          return state.run;
        },
      });
      for (const wake of startWatchers) wake();
      return { id };
    },

    async startConversation() {
      throw new Error('no tool asks for a run as a model');
    },

    answerEvents() {
      throw new Error('no tool asks for a run as a model');
    },

    async answer() {
      throw new Error('no tool asks for a run as a model');
    },

    async get(principal, id) {
      return stateOf(principal.tenantId, id).run;
    },

    async finished(principal, id) {
      const state = stateOf(principal.tenantId, id);
      while (state.run.status === 'running') {
        await new Promise<void>((resolve) => {
          state.watchers.add(resolve);
        });
      }
      return state.run;
    },

    async eventStream(principal, id, after) {
      const state = stateOf(principal.tenantId, id);
      const encoder = new TextEncoder();
      let sent = after;
      let wake: () => void = () => undefined;
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          let event = state.events[sent];
          while (event === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
              state.watchers.add(resolve);
            });
            event = state.events[sent];
          }
          sent += 1;
          controller.enqueue(
            encoder.encode(formatSse({ id: String(sent), event: event.type, data: JSON.stringify(event) })),
          );
          if (event.type === 'run.completed') controller.close();
        },
        cancel() {
          state.watchers.delete(wake);
        },
      });
    },

    events() {
      throw new Error('the protocol reads events as a stream');
    },

    async merge(principal, id, request) {
      const state = stateOf(principal.tenantId, id);
      if (state.run.status === 'running')
        throw new ParallaxError('conflict', 'The run has not finished.', { retryAfterMs: 2000 });
      const { merge } = exampleRun({
        answers: [{ content: '' }],
        conclusion: `Merged by ${request.strategy}.`,
      });
      state.run = { ...state.run, merge: merge === null ? null : { ...merge, strategy: request.strategy } };
      return state.run;
    },

    async cancel(principal, id) {
      const state = stateOf(principal.tenantId, id);
      cancelled.push(id);
      if (state.run.status !== 'running') return;
      state.run.perspectives.forEach(({ status }, index) => {
        if (status === 'pending')
          end(state, index, {
            status: 'failed',
            error: { code: 'cancelled', message: 'The run was cancelled.', retryable: true },
          });
      });
      finish(state);
    },

    async quote() {
      throw new Error('no tool asks for a quote');
    },

    async list(principal) {
      const rows = [...states.values()]
        .filter(({ tenantId, run }) => tenantId === principal.tenantId && run.status !== 'running')
        .map(({ run }) => rowOf(run, principal.tenantId, principal.userId));
      return { rows: rows.reverse(), nextCursor: null };
    },
  };
  return service;
}

function rowOf(run: Run, tenantId: string, userId: string): RunRow {
  return {
    id: run.id,
    tenantId,
    userId,
    keyId: null,
    origin: 'mcp',
    status: run.status === 'running' ? 'completed' : run.status,
    promptPreview: run.prompt,
    models: run.perspectives.map(({ model }) => model),
    strategy: run.merge?.strategy ?? null,
    costNano: run.receipt.total_nano_usd,
    createdAt: Date.parse(run.created_at),
    completedAt: Date.parse(run.completed_at ?? run.created_at),
  };
}
