import type { MergeStrategy } from '../../contracts/perspectives.ts';
import type { Principal } from '../../contracts/principal.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { idTime } from '../../platform/ids.ts';
import type { Nano } from '../../platform/money.ts';
import type { TokenState } from '../identity/index.ts';
import type { CREDIT_LIMIT } from '../metering/index.ts';
import type { ConversationEvent, UpstreamErrorInfo } from '../providers/index.ts';
import { type AskedConversation, carriedConversation } from './conversation/carried.ts';
import type { RunModelSpec } from './conversation/plan-conversation.ts';
import { restOfAnswer } from './conversation/rest-of-answer.ts';
import { StopText } from './conversation/stop-text.ts';
import type { RunAnswer } from './run-answer.ts';
import type { RunService } from './run-service.ts';
import type { ReceiptLine } from './run-store.ts';
import { totalCost } from './run-view.ts';

export interface RunModel {
  readonly id: 'parallax/consensus' | 'parallax/best' | 'parallax/synthesis' | 'parallax/debate';
  readonly strategy: MergeStrategy;
  readonly name: string;
  readonly description: string;
}

/** The runs that are models by themselves, with the default trio. */
export const RUN_MODELS: readonly RunModel[] = [
  {
    id: 'parallax/consensus',
    strategy: 'consensus',
    name: 'Consensus',
    description: 'Asks several models and concludes from what they agree and disagree on.',
  },
  {
    id: 'parallax/best',
    strategy: 'best_of',
    name: 'Best of several',
    description: 'Asks several models and passes on the best answer, judged blind, word for word.',
  },
  {
    id: 'parallax/synthesis',
    strategy: 'synthesize',
    name: 'Synthesis',
    description: 'Asks several models and writes one answer from all of theirs.',
  },
  {
    id: 'parallax/debate',
    strategy: 'debate',
    name: 'Debate',
    description:
      'Asks several models, lets them revise their answers in the light of the others’, and concludes.',
  },
];

export interface RunModelOptions {
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  readonly idempotencyKey?: string;
  /** Milliseconds that each model may take; 120,000 when absent. */
  readonly timeoutMs?: number;
  /**
   * False for a client that gets the answer whole: the text then comes from the run's record, also when a merge that had begun to stream had to be replaced. True
   * when absent.
   */
  readonly stream?: boolean;
}

/** What a run that answered as a model cost, call by call. */
export interface RunReceipt {
  readonly costNano: Nano;
  /** False when the catalog had no price for one of the calls, whose cost is then not in `costNano`. */
  readonly priced: boolean;
  readonly lines: readonly ReceiptLine[];
  /** Ids of the models whose words or calls the answer is made of, the weightiest first. Empty when there is no answer. */
  readonly models: readonly string[];
  /** Set where the answer was ended, because the credit did not reach further. */
  readonly stopReason?: typeof CREDIT_LIMIT;
}

export interface RunModelAnswer {
  readonly runId: string;
  /** How its user's limit of tokens stood when the run had taken its own; absent where a retry joined it. */
  readonly tokens?: TokenState;
  /**
   * The answer in neutral form. `start` waits for the first model that has answered, so that a run in which all fail is an `error` before anything else. Ends with
   * `end` or `error`. Stopping early (`return()`) does what an aborted signal does.
   */
  readonly events: AsyncGenerator<ConversationEvent, void, void>;
  /** What was paid, also for an answer that failed or that nobody waited for. Throws `Error` before `events` has ended. */
  receipt(): RunReceipt;
}

/** How long an abandoned run may take to stop before its receipt is read as it is, in milliseconds. */
const STOP_MS = 5_000;

/**
 * Asks several models a conversation and answers like one. Throws `ParallaxError` before anything is spent: `unsupported_parameter` with the parameter's name,
 * `payload_too_large`, `invalid_parameter`, `model_not_found`, `no_provider_key`, `idempotency_mismatch`; the signal's reason when it has aborted by then.
 *
 * The run is an ordinary one: it is found by its id, has a receipt and outlives an eviction. But it does not outlive its client. A chat stream has no way to be
 * taken up again, so what the rest of the run would say would be paid and read by nobody: it is cancelled. An idempotency key changes that, since a
 * retry joins the run; then it goes on.
 */
export async function askRunModel(
  runs: RunService,
  principal: Principal,
  spec: RunModelSpec,
  request: AskedConversation,
  options: RunModelOptions,
): Promise<RunModelAnswer> {
  const { signal, idempotencyKey, timeoutMs } = options;
  const conversation = carriedConversation(request);
  signal.throwIfAborted();
  const { id, tokens } = await runs.startConversation(
    principal,
    { spec, conversation, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    { origin: 'gateway', ...(idempotencyKey === undefined ? {} : { idempotencyKey }) },
  );
  const turn = new RunTurn(runs, principal, id, spec.strategy, conversation.stop ?? [], options);
  return {
    runId: id,
    ...(tokens === undefined ? {} : { tokens }),
    events: turn.events(),
    receipt: () => turn.receipt(),
  };
}

/** One run on its way to a chat client. */
class RunTurn {
  readonly #runs: RunService;
  readonly #principal: Principal;
  readonly #id: string;
  readonly #stop: StopText;
  readonly #options: RunModelOptions;
  readonly #start: ConversationEvent;
  /** Aborts when nobody reads any more. */
  readonly #left = new AbortController();
  readonly #onAbort = () => this.#leave();
  #stopping: Promise<void> | null = null;
  #receipt: RunReceipt | null = null;

  constructor(
    runs: RunService,
    principal: Principal,
    id: string,
    strategy: MergeStrategy,
    stop: readonly string[],
    options: RunModelOptions,
  ) {
    this.#runs = runs;
    this.#principal = principal;
    this.#id = id;
    this.#stop = new StopText(stop);
    this.#options = options;
    const model = RUN_MODELS.find((one) => one.strategy === strategy)?.id ?? '';
    this.#start = { type: 'start', id, model, created: idTime(id) };
    const { signal } = options;
    // At once, and not when the next event is asked for: whoever asks may have gone with the client.
    if (signal.aborted) this.#leave();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  async *events(): AsyncGenerator<ConversationEvent, void, void> {
    try {
      yield* this.#answer();
    } catch (error) {
      if (!(error instanceof ParallaxError)) throw error;
      yield { type: 'error', error: { kind: 'server_error', code: error.code, message: error.message } };
    } finally {
      // A connection that closes after its answer stops nothing any more.
      this.#options.signal.removeEventListener('abort', this.#onAbort);
      if (this.#receipt === null) await this.#abandon();
    }
  }

  receipt(): RunReceipt {
    if (this.#receipt === null) throw new Error('the receipt is there when the events have ended');
    return this.#receipt;
  }

  async *#answer(): AsyncGenerator<ConversationEvent, void, void> {
    const { stream = true } = this.#options;
    let started = false;
    let text = '';
    for await (const event of this.#runs.answerEvents(this.#principal, this.#id, this.#left.signal)) {
      if (!started) yield this.#start;
      started = true;
      if (event.type !== 'text' || !stream) continue;
      text += event.text;
      const ready = this.#stop.push(event.text);
      if (ready !== '') yield { type: 'text', choice: 0, text: ready };
    }
    if (this.#left.signal.aborted) {
      yield { type: 'error', error: LEFT };
      return;
    }
    const answer = await this.#runs.answer(this.#principal, this.#id);
    this.#receipt = receiptOf(answer);
    yield* restOfAnswer(answer, { started, text, stop: this.#stop }, this.#start);
  }

  /** Nobody reads any more: the run is stopped, unless a retry can join it. */
  #leave(): void {
    this.#left.abort('left');
    if (this.#options.idempotencyKey !== undefined) return;
    // A run that cannot be reached to be stopped ends by itself, and is read by its id.
    this.#stopping ??= this.#runs.cancel(this.#principal, this.#id).catch(() => undefined);
  }

  /** Stops the run and waits until it has, so that what it produced until then is on the receipt. */
  async #abandon(): Promise<void> {
    this.#leave();
    try {
      if (this.#stopping !== null) {
        await this.#stopping;
        await within(STOP_MS, this.#runs.finished(this.#principal, this.#id));
      }
      this.#receipt = receiptOf(await this.#runs.answer(this.#principal, this.#id));
    } catch (error) {
      if (!(error instanceof ParallaxError)) throw error;
      // The run cannot be reached: what it cost is on its own record alone.
      this.#receipt = receiptOf(NOTHING);
    }
  }
}

/** As a call that its caller has left ends everywhere. */
const LEFT: UpstreamErrorInfo = {
  kind: 'connection',
  code: 'cancelled',
  message: 'The call was cancelled.',
};

const NOTHING: Pick<RunAnswer, 'receipt' | 'models' | 'decision'> = {
  receipt: [],
  models: [],
  decision: null,
};

function receiptOf({
  receipt,
  models,
  decision,
}: Pick<RunAnswer, 'receipt' | 'models' | 'decision'>): RunReceipt {
  return {
    costNano: totalCost(receipt),
    priced: receipt.every(({ priced }) => priced),
    lines: receipt,
    models,
    ...(decision?.stopReason === undefined ? {} : { stopReason: decision.stopReason }),
  };
}

/** Waits for something, but no longer than this; whether it has come does not matter. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
