import { newId } from '../../platform/ids.ts';
import { ZERO } from '../../platform/money.ts';
import { estimateTokens } from '../../platform/tokens.ts';
import { type Catalog, type Model, priceOf } from '../catalog/index.ts';
import { CREDIT_LIMIT, chargedOf, type Produced, producedUsage } from '../metering/index.ts';
import {
  askModel,
  type CallContext,
  type ConversationRequest,
  type ModelAnswer,
  ModelCallError,
  type ModelStream,
  streamModel,
  type TokenUsage,
} from '../providers/index.ts';
import { FollowedAnswer } from './followed-answer.ts';
import type { MergeCall, MergeReply } from './merge/index.ts';
import { messageTokens } from './message-tokens.ts';
import type { MergeCallCredit, RunHolds } from './run-holds.ts';
import type { ReceiptLine } from './run-store.ts';

/** Milliseconds that one call of a merge may take, its retries included. */
export const MERGE_CALL_TIMEOUT_MS = 120_000;

/** How an answer is told that was ended where the credit did. */
const ENDED = { stopReason: CREDIT_LIMIT } as const;

/** A call that credit may pay. */
interface PaidCall {
  readonly holds: RunHolds;
  readonly credit: MergeCallCredit;
  readonly followed: FollowedAnswer;
}

/** Makes a merge's calls and writes what each cost. */
export class MergeCaller {
  readonly #catalog: Catalog;
  readonly #context: CallContext;
  readonly #signal: AbortSignal;
  readonly #holds: RunHolds | null;
  readonly #record: (line: ReceiptLine) => void;

  constructor(
    catalog: Catalog,
    context: CallContext,
    signal: AbortSignal,
    /** The credit that the run goes on; null where its answers have no limit. */
    holds: RunHolds | null,
    record: (line: ReceiptLine) => void,
  ) {
    this.#catalog = catalog;
    this.#context = context;
    this.#signal = signal;
    this.#holds = holds;
    this.#record = record;
  }

  async ask(call: MergeCall): Promise<MergeReply> {
    const paid = this.#follow(call);
    let bounded = false;
    const before = paid?.followed.beforeWhole(() => paid.holds.hear());
    try {
      const answer = await askModel(this.#context, this.#target(call), this.#request(call), {
        ...this.#options(),
        ...(before === undefined
          ? {}
          : {
              beforeTarget: async (target, keyStrategy) => {
                const leave = await before(target, keyStrategy);
                bounded = leave.maxTokens !== undefined;
                return leave;
              },
            }),
      });
      const choice = answer.response.choices[0];
      let text = '';
      for (const part of choice?.parts ?? [])
        if (part.type === 'text' || part.type === 'refusal') text += part.text;
      const finishReason = choice?.finishReason ?? 'error';
      const ended = bounded && finishReason === 'length' ? ENDED : {};
      const said = { reported: answer.response.usage, saidTokens: estimateTokens(text), whole: true };
      await this.#pay(call, answer, paid, { ...said, ...ended });
      return { text, finishReason, ...ended };
    } finally {
      paid?.credit.end(ZERO);
    }
  }

  async stream(call: MergeCall, onText: (text: string) => void): Promise<MergeReply> {
    const paid = this.#follow(call);
    try {
      const answer = await streamModel(this.#context, this.#target(call), this.#request(call), {
        ...this.#options(),
        ...(paid === null ? {} : { beforeTarget: paid.followed.beforeStream }),
      });
      return await this.#read(call, answer, paid, onText);
    } finally {
      paid?.credit.end(ZERO);
    }
  }

  async #read(
    call: MergeCall,
    answer: ModelStream,
    paid: PaidCall | null,
    onText: (text: string) => void,
  ): Promise<MergeReply> {
    let text = '';
    let usage: TokenUsage | null = null;
    let finishReason: MergeReply['finishReason'] = 'stop';
    let whole = false;
    let endedAt: number | null = null;
    try {
      for await (const event of answer.events) {
        const admitted = paid?.followed.admits(event) ?? true;
        if (paid !== null && admitted !== true && !(await admitted)) {
          // The provider is told to stop; what was said before stands, and is charged.
          endedAt = paid.followed.stands;
          finishReason = 'length';
          break;
        }
        if (event.type === 'text' || event.type === 'refusal') {
          text += event.text;
          onText(event.text);
        } else if (event.type === 'usage') usage = event.usage;
        else if (event.type === 'finish') finishReason = event.reason;
        else if (event.type === 'end') whole = true;
        else if (event.type === 'error') throw new ModelCallError(event.error, answer.failures);
      }
    } finally {
      // Also when it breaks off: what was produced was paid.
      await this.#pay(call, answer, paid, {
        reported: usage,
        saidTokens: endedAt ?? estimateTokens(text),
        whole,
        ...(endedAt === null ? {} : ENDED),
      });
    }
    return { text, finishReason, ...(endedAt === null ? {} : ENDED) };
  }

  /** What credit lets a call cost; null in a run without a limit. */
  #follow(call: MergeCall): PaidCall | null {
    const holds = this.#holds;
    if (holds === null) return null;
    const model = this.#model(call);
    const credit = holds.creditOfMergeCall();
    const followed = new FollowedAnswer({
      credit,
      price: (usage) => priceOf(model, usage),
      inputTokens: () => messageTokens(call.messages),
      maxTokens: this.#mostOf(call),
    });
    return { holds, credit, followed };
  }

  /** The model of a call. One that has left the catalog since the run was planned is a failure of the call, not a defect. */
  #model(call: MergeCall): Model {
    const model = this.#catalog.find(call.modelId);
    if (model !== undefined) return model;
    throw new ModelCallError(
      { kind: 'not_found', message: `${call.modelId} is no longer in the catalog.` },
      [],
    );
  }

  #target(call: MergeCall) {
    return this.#catalog.target(this.#model(call));
  }

  #mostOf(call: MergeCall): number {
    return Math.min(call.maxTokens, this.#model(call).maxOutputTokens ?? call.maxTokens);
  }

  #request(call: MergeCall): Omit<ConversationRequest, 'model' | 'stream'> {
    return {
      messages: call.messages,
      maxTokens: this.#mostOf(call),
      includeUsage: true,
      ...(call.output === undefined ? {} : { output: call.output }),
    };
  }

  #options() {
    return { signal: this.#signal, timeouts: { totalMs: MERGE_CALL_TIMEOUT_MS } };
  }

  async #pay(
    call: MergeCall,
    { keyStrategy, providerKeyId }: Pick<ModelAnswer, 'keyStrategy' | 'providerKeyId'>,
    paid: PaidCall | null,
    { stopReason, ...said }: Omit<Produced, 'promptTokens'> & Partial<typeof ENDED>,
  ): Promise<void> {
    const { usage, estimated } = producedUsage({
      ...said,
      promptTokens: () => messageTokens(call.messages),
    });
    if (usage.inputTokens + usage.outputTokens === 0) return;
    if (said.whole) await paid?.followed.cover(usage);
    const cost = priceOf(this.#model(call), usage);
    const costNano = cost ?? ZERO;
    const withCredit = paid !== null && keyStrategy === 'platform';
    const dueNano = withCredit ? chargedOf(costNano, paid.credit.held) : costNano;
    if (withCredit) paid.credit.end(dueNano);
    this.#record({
      // Not the call's own id: a merge that is begun again after an eviction pays again, and both payments count.
      id: newId('call'),
      purpose: call.purpose,
      perspective: call.perspective,
      modelId: call.modelId,
      keyStrategy,
      providerKeyId,
      usage,
      costNano,
      ...(dueNano < costNano ? { dueNano } : {}),
      ...(stopReason === undefined ? {} : { stopReason }),
      estimated,
      priced: cost !== null,
    });
  }
}
