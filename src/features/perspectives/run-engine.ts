import {
  type AskEvent,
  type AskedOptions,
  OUR_FAILURE,
  type PerspectiveCall,
  type PerspectiveFailure,
} from './ask.ts';
import type { RunConversation } from './conversation/carried.ts';
import { Flusher } from './flusher.ts';
import { interleave } from './interleave.ts';
import type { PlannedPerspective, RunPlan } from './plan.ts';
import { type EndDependencies, Progress } from './progress.ts';
import { perspectiveMessages } from './prompt.ts';
import { afterEnd, connectionGroups, runStatus } from './quorum.ts';
import type { Delta, StoredRun } from './run-store.ts';

/** Why a run is stopped early; the reason of the abort signal that the engine takes. */
export type StopReason = 'cancelled' | 'straggler';

/** Times that a perspective is asked when an eviction interrupts it before its first word. */
export const MAX_ASKS = 3;

export interface EngineDependencies extends EndDependencies {
  /** Asks one group of models, in an invocation of its own when `groups` is more than one. */
  readonly ask: (
    calls: readonly PerspectiveCall[],
    group: number,
    signal: AbortSignal,
  ) => AsyncIterable<AskEvent>;
  /**
   * Merges the completed perspectives, or decides that there is nothing to merge, and writes the outcome to the store. Never throws for what a model
   * does.
   */
  readonly merge: (run: StoredRun, signal: AbortSignal) => Promise<void>;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal;
}

/**
 * Drives a run from wherever it stands to its end: asks what has not been asked, merges, finishes. Called again after an eviction it goes on
 * from what the store holds: ended perspectives stay, a perspective that had begun to speak ends as `interrupted` with what it
 * said (asking again would splice a second answer), one that had not is asked again.
 */
export async function driveRun(dependencies: EngineDependencies): Promise<void> {
  const { store, signal, clock } = dependencies;
  const begun = store.load();
  if (begun.status !== 'running') return;
  await askOpen(dependencies, begun);
  const asked = store.load();
  if (
    asked.plan.merge !== null &&
    asked.merge === null &&
    asked.decision === null &&
    !signal.aborted &&
    store.standing().completed > 0
  ) {
    await dependencies.merge(asked, signal);
  }
  store.finish(runStatus(store.standing()), clock.now());
}

/** Asks what is open. A conversation is in memory only here: it may have megabytes, and merging does without it. */
async function askOpen(dependencies: EngineDependencies, begun: StoredRun): Promise<void> {
  const conversation = dependencies.store.conversation();
  closeInterrupted(dependencies, begun, conversation);
  await askAll(dependencies, conversation);
}

function closeInterrupted(
  dependencies: EngineDependencies,
  { plan, perspectives }: StoredRun,
  conversation: RunConversation | null,
): void {
  const { store } = dependencies;
  for (const perspective of perspectives) {
    if (perspective.status !== 'streaming') continue;
    const text = store.publishedText(perspective.index);
    const written = store.writtenCalls(perspective.index);
    if (text === '' && written === '' && perspective.asked < MAX_ASKS) continue;
    const planned = plan.perspectives[perspective.index];
    if (planned === undefined) continue;
    const progress = new Progress({ plan, planned, conversation }, null);
    progress.text = text;
    progress.written = written;
    progress.keyStrategy = perspective.keyStrategy;
    progress.providerKeyId = perspective.providerKeyId;
    progress.fail(dependencies, {
      code: 'interrupted',
      message:
        'The machine that held this answer stopped. What had been said is kept; ask again for the rest.',
      retryable: true,
    });
  }
}

async function askAll(dependencies: EngineDependencies, conversation: RunConversation | null): Promise<void> {
  const { store, clock, signal, sleep, holds } = dependencies;
  const run = store.load();
  const { plan } = run;
  const open = run.perspectives.filter(
    (perspective) => perspective.status === 'pending' || perspective.status === 'streaming',
  );
  const progress = new Map<number, Progress>();
  for (const { index } of open) {
    const planned = plan.perspectives[index];
    if (planned !== undefined)
      progress.set(index, new Progress({ plan, planned, conversation }, clock.now()));
  }

  const stragglers = new AbortController();
  const broken = new AbortController();
  const stop = AbortSignal.any([signal, stragglers.signal, broken.signal]);
  let inGrace = false;
  const allEnded = new AbortController();

  const ended = () => {
    switch (afterEnd(store.standing(), plan.quorum)) {
      case 'finish':
        allEnded.abort('finished');
        return;
      case 'grace':
        if (inGrace) return;
        inGrace = true;
        sleep(plan.stragglerGraceMs, AbortSignal.any([signal, allEnded.signal])).then(
          () => stragglers.abort('straggler' satisfies StopReason),
          () => undefined, // All ended within their grace, or the run was cancelled.
        );
        return;
      case 'wait':
        return;
    }
  };

  const usable: PerspectiveCall[] = [];
  const options = optionsOf(conversation);
  for (const [index, one] of progress) {
    if (one.planned.usable) {
      store.markAsked(index);
      usable.push({
        ...callOf(plan, one.planned, conversation, options),
        ...(holds === null ? {} : { heldNano: holds.heldFor(index) }),
      });
    } else {
      one.fail(dependencies, withoutKey(one.planned.provider));
    }
  }
  ended();

  const flusherOf = (write: (pieces: readonly Delta[]) => void) =>
    new Flusher({
      clock,
      sleep,
      signal,
      isOpen: (index) => progress.get(index)?.ended === false,
      write,
      onError: (error) => broken.abort(error),
    });
  const said = flusherOf((pieces) => store.appendDeltas(pieces));
  const written = flusherOf((pieces) => store.appendCallText(pieces));
  const flush = () => {
    said.flush();
    written.flush();
  };
  const cutOpen = (calls: readonly PerspectiveCall[]) => {
    flush();
    for (const { index } of calls) {
      const one = progress.get(index);
      if (one === undefined || one.ended) continue;
      one.fail(dependencies, cutFailure(stop));
      ended();
    }
  };

  // All groups are waited for, also when one breaks: none may go on writing when the run is driven again.
  await Promise.all(
    connectionGroups(usable).map(async (calls, group) => {
      try {
        for await (const event of interleave([dependencies.ask(calls, group, stop)], stop)) {
          const one = progress.get(event.index);
          if (one === undefined || one.ended) continue;
          switch (event.type) {
            case 'started':
              one.keyStrategy = event.keyStrategy;
              one.providerKeyId = event.providerKeyId;
              store.markStarted(event.index, event.keyStrategy, event.providerKeyId);
              break;
            case 'text':
              one.firstTokenAt ??= clock.now();
              one.text += event.text;
              said.add(event.index, event.text);
              break;
            // Tools are offered in conversations alone; what a model makes up without them is no part of its answer.
            case 'call': {
              if (conversation === null) break;
              const { id, name, signature } = event;
              one.firstTokenAt ??= clock.now();
              one.beginCall(event.call, { id, name, ...(signature === undefined ? {} : { signature }) });
              written.add(event.index, name);
              break;
            }
            case 'call_arguments':
              if (conversation === null) break;
              one.addArguments(event.call, event.text);
              written.add(event.index, event.text);
              break;
            case 'usage':
              one.usage = event.usage;
              break;
            case 'finished':
              flush();
              one.complete(dependencies, event.reason, event.saidTokens);
              ended();
              break;
            case 'failed':
              flush();
              one.fail(dependencies, event.error);
              ended();
              break;
          }
        }
        cutOpen(calls);
      } catch (error) {
        broken.abort(error);
      }
    }),
  );
  allEnded.abort('finished');
  if (!broken.signal.aborted) return;
  cutOpen(usable);
  throw broken.signal.reason;
}

function cutFailure(stop: AbortSignal): PerspectiveFailure {
  if (!stop.aborted) return { code: 'connection', message: 'The answer broke off.', retryable: true };
  switch (stop.reason) {
    case 'straggler' satisfies StopReason:
      return {
        code: 'straggler_cut',
        message: 'The quorum was in and this answer was late; what it had said is kept.',
        retryable: true,
      };
    case 'cancelled' satisfies StopReason:
      return {
        code: 'cancelled',
        message: 'The run was cancelled; what had been said is kept.',
        retryable: true,
      };
    default:
      return OUR_FAILURE;
  }
}

function withoutKey(provider: string): PerspectiveFailure {
  return { code: 'no_provider_key', message: `There is no usable key for ${provider}.`, retryable: false };
}

function callOf(
  plan: RunPlan,
  planned: PlannedPerspective,
  conversation: RunConversation | null,
  options: AskedOptions | undefined,
): PerspectiveCall {
  return {
    index: planned.index,
    modelId: planned.modelId,
    messages: perspectiveMessages(plan, planned, conversation),
    maxTokens: plan.maxTokens,
    temperature: plan.temperature,
    timeoutMs: plan.timeoutMs,
    ...(options === undefined ? {} : { options }),
  };
}

/** What a conversation asks besides what the plan holds; one object for all calls, so that it travels once. */
function optionsOf(conversation: RunConversation | null): AskedOptions | undefined {
  if (conversation === null) return undefined;
  const { messages: _messages, maxTokens: _bound, temperature: _temperature, ...options } = conversation;
  return options;
}
