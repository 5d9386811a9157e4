import type { UsageEvent } from '../metering/index.ts';
import {
  type CallSums,
  LASTING_HALF_LIFE_MS,
  type LearnedFigures,
  type LogSums,
  type ModelSums,
  NO_CALLS,
  RECENT_HALF_LIFE_MS,
} from './figures.ts';

/** Calls are summed up by the hour in which they began … */
export const HOUR_MS = 60 * 60 * 1000;
/** … and forgotten after a week. */
export const KEPT_MS = 7 * 24 * HOUR_MS;

/**
 * Failures that say something of the caller and nothing of the model. A rate limit is none of them: whoever is sent there next meets it
 * too.
 */
export const CALLERS_FAULTS = [
  'invalid_request',
  'content_policy',
  'refused',
  'context_length',
  'too_large',
  'cancelled',
] as const;

/**
 * Whose calls teach: those that the platform made with its own keys, or with none. A tenant's own key may lead to a server of the tenant's own, has an
 * allowance of its own, and must not be able to change where others are sent; a bridge is somebody's own machine.
 */
export const TEACHING_KEYS = ['platform', 'openrouter', 'none'] as const;

/** Answers shorter than this say nothing of the speed. Tokens. */
export const MIN_TOKENS_FOR_SPEED = 16;

/** Sums of one hour, model and task; the columns of `routing_hours`. */
export interface HourSums extends CallSums {
  readonly hour: number;
  readonly model: string;
  readonly task: string;
  readonly outputN: number;
  readonly outputSum: number;
  readonly outputSq: number;
}

export type CountedCall = Pick<
  UsageEvent,
  | 'at'
  | 'model'
  | 'task'
  | 'feature'
  | 'keyStrategy'
  | 'status'
  | 'errorKind'
  | 'outputTokens'
  | 'latencyMs'
  | 'firstTokenMs'
>;

/** What one call adds to its hour; undefined when it teaches nothing. `learned-statements.ts` says the same in SQL, and a test holds them together. */
export function countedAs(call: CountedCall): HourSums | undefined {
  const teaches = TEACHING_KEYS.some((strategy) => strategy === call.keyStrategy);
  const failed = call.status === 'failed' && !CALLERS_FAULTS.some((kind) => kind === call.errorKind);
  const ok = call.status === 'ok';
  if (call.feature === 'embeddings' || !teaches || !(ok || failed)) return undefined;
  const first = ok && call.firstTokenMs !== null ? Math.log(Math.max(1, call.firstTokenMs)) : undefined;
  const spoken = call.firstTokenMs === null ? 0 : call.latencyMs - call.firstTokenMs;
  const token =
    ok && spoken > 0 && call.outputTokens >= MIN_TOKENS_FOR_SPEED
      ? Math.log(spoken / call.outputTokens)
      : undefined;
  // The calls of a merge are not timed one by one, and say 0.
  const total = ok && call.latencyMs > 0 ? Math.log(call.latencyMs) : undefined;
  const output = ok && call.outputTokens > 0 ? Math.log(call.outputTokens) : undefined;
  const count = (value: number | undefined) => (value === undefined ? 0 : 1);
  return {
    hour: call.at - (call.at % HOUR_MS),
    model: call.model,
    task: call.task ?? '',
    n: 1,
    ok: ok ? 1 : 0,
    firstN: count(first),
    firstSum: first ?? 0,
    firstSq: (first ?? 0) ** 2,
    tokenN: count(token),
    tokenSum: token ?? 0,
    tokenSq: (token ?? 0) ** 2,
    totalN: count(total),
    totalSum: total ?? 0,
    outputN: count(output),
    outputSum: output ?? 0,
    outputSq: (output ?? 0) ** 2,
  };
}

/** For how much the calls of an hour count now: half for each half-life since the middle of the hour. */
export function weightOf(hour: number, now: number, halfLifeMs: number): number {
  return 2 ** (-Math.max(0, now - hour - HOUR_MS / 2) / halfLifeMs);
}

/** Sums of one model and task, weighed. */
export interface WeighedSums {
  readonly model: string;
  readonly task: string;
  readonly lasting: CallSums;
  readonly recent: CallSums;
  readonly output: LogSums;
}

/** Hours as they count now. `figures-store.ts` does the same in SQL. */
export function weighed(hours: Iterable<HourSums>, now: number): WeighedSums[] {
  const sums: WeighedSums[] = [];
  for (const { hour, model, task, outputN, outputSum, outputSq, ...calls } of hours) {
    const lasting = weightOf(hour, now, LASTING_HALF_LIFE_MS);
    sums.push({
      model,
      task,
      lasting: scaled(calls, lasting),
      recent: scaled(calls, weightOf(hour, now, RECENT_HALF_LIFE_MS)),
      output: { n: lasting * outputN, sum: lasting * outputSum, sq: lasting * outputSq },
    });
  }
  return sums;
}

/** What was learned, from weighed sums of models and tasks. */
export function learnedFrom(sums: Iterable<WeighedSums>): LearnedFigures {
  const learned = new Map<string, ModelSums>();
  for (const { model, task, lasting, recent, output } of sums) {
    const before = learned.get(model);
    const outputs = new Map(before?.output);
    for (const key of task === '' ? [''] : ['', task]) {
      const own = outputs.get(key);
      outputs.set(
        key,
        own === undefined
          ? output
          : { n: own.n + output.n, sum: own.sum + output.sum, sq: own.sq + output.sq },
      );
    }
    learned.set(model, {
      lasting: before === undefined ? lasting : added(before.lasting, lasting),
      recent: before === undefined ? recent : added(before.recent, recent),
      output: outputs,
    });
  }
  return learned;
}

const CALL_SUMS = Object.keys(NO_CALLS) as readonly (keyof CallSums)[];

function scaled(sums: CallSums, factor: number): CallSums {
  return Object.fromEntries(CALL_SUMS.map((name) => [name, factor * sums[name]])) as unknown as CallSums;
}

function added(a: CallSums, b: CallSums): CallSums {
  return Object.fromEntries(CALL_SUMS.map((name) => [name, a[name] + b[name]])) as unknown as CallSums;
}
