import { withMaxTokens } from './bounded-request.ts';
import type { PhaseChange } from './breakers.ts';
import { surroundingsOf } from './call-context.ts';
import type { ModelRequest } from './client-request.ts';
import type { UpstreamErrorInfo } from './conversation.ts';
import { waitForLimit } from './limit-queue.ts';
import { isTight } from './limits.ts';
import {
  type AttemptFailure,
  type CallContext,
  type CallOptions,
  type CallTimeouts,
  DEFAULT_TIMEOUTS,
  ModelCallError,
  type ModelTarget,
} from './model-call.ts';
import { type PreparedCall, prepareCall } from './prepare.ts';
import { nextStep } from './retry-policy.ts';
import { StopSwitch } from './stop-switch.ts';
import {
  CANCELLATION,
  CIRCUIT_OPEN,
  countsAgainstProvider,
  isCancellation,
  isProviderFault,
  TOTAL_TIMEOUT,
  UpstreamFailure,
} from './upstream-failure.ts';

export type Surroundings = ReturnType<typeof surroundingsOf>;

/** One attempt, as the form of the call (streamed or whole) makes it. */
export interface Attempt {
  readonly surroundings: Surroundings;
  readonly call: PreparedCall;
  readonly stop: StopSwitch;
  readonly timeouts: CallTimeouts;
  /** Tells breaker and health how it went. */
  readonly report: AttemptReport;
  /** Reads in a response's headers what the provider's limits are. */
  readonly heard: (headers: Headers) => void;
}

export interface AttemptReport {
  /** The provider has begun to answer, so its circuit is well. Only a streamed answer's first word can be timed. */
  answered(form: 'streamed' | 'whole'): void;
  /** The answer is whole, or the caller had enough of it. */
  finished(): void;
  failed(info: UpstreamErrorInfo): void;
}

/** What is known of a call that has got an answer. */
export interface Answered<T> {
  readonly call: PreparedCall;
  /** When the attempt began that gave the answer. */
  readonly startedAt: number;
  readonly failures: readonly AttemptFailure[];
  readonly value: T;
}

const DEFAULT_ATTEMPTS = 3;

/**
 * Makes a call: target by target, attempt by attempt, within the time of the whole. Throws `ModelCallError` with every failure when
 * no target answers, at once when the caller cancels.
 */
export async function callModel<T>(
  context: CallContext,
  target: ModelTarget,
  request: ModelRequest,
  options: CallOptions,
  stream: boolean,
  attempt: (attempt: Attempt) => Promise<T>,
): Promise<Answered<T>> {
  const surroundings = surroundingsOf(context);
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const state: CallState = {
    surroundings,
    timeouts,
    options,
    allowed: Math.max(1, Math.floor(options.attempts ?? DEFAULT_ATTEMPTS)),
    deadline: surroundings.clock.now() + timeouts.totalMs,
    failures: [],
  };
  const targets = [target, ...(options.fallbacks ?? [])];
  let last: UpstreamFailure | undefined;
  for (const [index, one] of targets.entries()) {
    // What came before says more than that there is no time left for the rest.
    if (last !== undefined && surroundings.clock.now() >= state.deadline) break;
    const hasFallback = index + 1 < targets.length;
    const result = await callTarget(state, one, request, stream, hasFallback, attempt);
    if (result.kind === 'answered')
      return {
        call: result.call,
        startedAt: result.startedAt,
        failures: state.failures,
        value: result.value,
      };
    last = result.failure;
    if (result.kind === 'given_up') break;
  }
  const info = last?.info ?? CANCELLATION;
  throw new ModelCallError(info, state.failures, last?.retryAfterMs);
}

interface CallState {
  readonly surroundings: Surroundings;
  readonly timeouts: CallTimeouts;
  readonly options: CallOptions;
  readonly allowed: number;
  readonly deadline: number;
  readonly failures: AttemptFailure[];
}

type TargetResult<T> =
  | {
      readonly kind: 'answered';
      readonly call: PreparedCall;
      readonly startedAt: number;
      readonly value: T;
    }
  | { readonly kind: 'next' | 'given_up'; readonly failure: UpstreamFailure };

async function callTarget<T>(
  state: CallState,
  target: ModelTarget,
  request: ModelRequest,
  stream: boolean,
  hasFallback: boolean,
  attempt: (attempt: Attempt) => Promise<T>,
): Promise<TargetResult<T>> {
  const { surroundings, options, failures } = state;
  const { clock } = surroundings;
  let call: PreparedCall | undefined;
  for (let made = 1; ; made++) {
    const startedAt = clock.now();
    try {
      refuseIfOver(state, startedAt);
      if (call === undefined) {
        call = await prepareCall(surroundings, target, request, stream);
        const leave = await options.beforeTarget?.(target, call.key.strategy, call.key.id);
        if (leave?.refusal !== undefined) throw new UpstreamFailure(leave.refusal);
        if (leave?.maxTokens !== undefined)
          call = await prepareCall(surroundings, target, withMaxTokens(request, leave.maxTokens), stream);
      }
      await waitForLimit(surroundings, call, state.deadline, options.signal);
      const sentAt = clock.now();
      const value = await attemptOnce(state, call, sentAt, attempt);
      return { kind: 'answered', call, startedAt: sentAt, value };
    } catch (cause) {
      if (!(cause instanceof UpstreamFailure)) throw cause;
      failures.push({
        target,
        error: cause.info,
        latencyMs: clock.now() - startedAt,
        keyStrategy: call?.key.strategy ?? 'none',
        providerKeyId: call?.key.id,
      });
      logFailure(state, target, cause, made);
      const step = nextStep(
        {
          info: cause.info,
          shouldRetry: cause.shouldRetry,
          retryAfterMs: cause.retryAfterMs,
          made,
          // Without a prepared call there was no attempt, and a second would lack the same thing.
          allowed: call === undefined ? 1 : state.allowed,
          remainingMs: state.deadline - clock.now(),
          hasFallback,
        },
        surroundings.random(),
      );
      if (step.kind !== 'retry')
        return { kind: step.kind === 'next_target' ? 'next' : 'given_up', failure: cause };
      if (await interrupted(surroundings, step.waitMs, options.signal)) {
        return { kind: 'given_up', failure: new UpstreamFailure(CANCELLATION) };
      }
    }
  }
}

function refuseIfOver(state: CallState, now: number): void {
  if (state.options.signal.aborted) throw new UpstreamFailure(CANCELLATION);
  if (now >= state.deadline) throw new UpstreamFailure(totalTimeout(state.timeouts));
}

async function attemptOnce<T>(
  state: CallState,
  call: PreparedCall,
  startedAt: number,
  attempt: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  const { surroundings, timeouts, options, deadline } = state;
  const admission = surroundings.breakers.admit(call.breakerId, startedAt);
  if (!admission.allowed) {
    throw new UpstreamFailure(
      {
        kind: 'overloaded',
        code: CIRCUIT_OPEN,
        message: `${call.provider.name} has failed repeatedly and is left alone for a moment.`,
      },
      { retryAfterMs: admission.retryAfterMs },
    );
  }
  const stop = new StopSwitch(options.signal, options.beat);
  stop.limit(deadline - startedAt, totalTimeout(timeouts));
  const report = attemptReport(surroundings, call, admission.probe, startedAt);
  const { keyLimits, clock } = surroundings;
  const heard = (headers: Headers) => keyLimits.heard(call.limitId, headers, clock.now());
  try {
    return await attempt({ surroundings, call, stop, timeouts, report, heard });
  } catch (cause) {
    if (cause instanceof UpstreamFailure && cause.info.kind === 'rate_limited')
      keyLimits.refused(call.limitId, cause.retryAfterMs, clock.now());
    report.failed(cause instanceof UpstreamFailure ? cause.info : CANCELLATION);
    // Whatever is still open of it is of no use.
    stop.stop(CANCELLATION);
    throw cause;
  }
}

/** The one place where the outcome of an attempt reaches breaker and health. */
function attemptReport(
  surroundings: Surroundings,
  call: PreparedCall,
  probe: boolean,
  startedAt: number,
): AttemptReport {
  const { breakers, clock, health, keyLimits, log } = surroundings;
  const { provider, key, target } = call;
  // A tenant's own key may lead to a server of the tenant's own, and a bridge to somebody's machine: what all are told of a provider must not follow from it.
  const speaksForAll = key.strategy !== 'tenant' && key.strategy !== 'bridge';
  // A model's own circuit says nothing of its provider's, and neither does an account that is not the platform's.
  const speaksOfProvider =
    provider.breakerScope === 'provider' && (key.strategy === 'platform' || key.strategy === 'none');
  let probing = probe;
  let answered = false;
  let firstTokenMs: number | undefined;
  const toBreaker = (outcome: 'succeeded' | 'failed' | 'abandoned') => {
    const change = breakers.report(call.breakerId, outcome, probing, clock.now());
    probing = false;
    if (change.before === change.after) return;
    log.warn('circuit changed', {
      provider: provider.id,
      model: target.modelId,
      before: change.before,
      after: change.after,
    });
    if (speaksOfProvider) health?.circuit(provider.id, circuitOf(change));
  };
  const toHealth = (ok: boolean) => {
    if (!speaksForAll || health === undefined) return;
    const limits = keyLimits.known(call.limitId, clock.now());
    if (limits !== undefined && isTight(limits, clock.now()))
      health.limits(provider.id, call.limitName, limits);
    health.record(provider.id, { ok, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) });
  };
  return {
    answered(form) {
      answered = true;
      if (form === 'streamed') firstTokenMs = clock.now() - startedAt;
      toBreaker('succeeded');
    },
    finished() {
      toHealth(true);
    },
    failed(info) {
      const waitedMs = clock.now() - startedAt;
      // In the middle of an answer, only the caller's own limit is the total's; before it, it is also the provider's silence.
      const fault = isProviderFault(info, waitedMs) && !(info.code === TOTAL_TIMEOUT && answered);
      if (fault || !answered) toBreaker(fault ? 'failed' : 'abandoned');
      if (fault || countsAgainstProvider(info, 0)) toHealth(false);
      else if (answered) toHealth(true);
    },
  };
}

function circuitOf(change: PhaseChange): { readonly state: PhaseChange['after']; readonly until: number } {
  return { state: change.after, until: change.openUntil ?? 0 };
}

function totalTimeout(timeouts: CallTimeouts): UpstreamErrorInfo {
  return {
    kind: 'timeout',
    code: TOTAL_TIMEOUT,
    message: `The call took longer than the ${timeouts.totalMs} ms it may.`,
  };
}

function logFailure(state: CallState, target: ModelTarget, failure: UpstreamFailure, made: number): void {
  if (isCancellation(failure.info)) return;
  // Kind, status and code alone: a provider's sentence may quote the prompt.
  state.surroundings.log.warn('model call failed', {
    model: target.modelId,
    attempt: made,
    kind: failure.info.kind,
    ...(failure.info.status === undefined ? {} : { status: failure.info.status }),
    ...(failure.info.code === undefined ? {} : { reason: failure.info.code }),
  });
}

/** Waits before the next attempt; true when the caller cancelled meanwhile. */
async function interrupted(
  surroundings: Surroundings,
  waitMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await surroundings.sleep(waitMs, signal);
    return signal.aborted;
  } catch (cause) {
    if (signal.aborted) return true;
    throw cause;
  }
}
