import { newId } from '../../platform/ids.ts';
import { ZERO } from '../../platform/money.ts';
import { estimateTokens } from '../../platform/tokens.ts';
import { type Catalog, type Model, priceOf } from '../catalog/index.ts';
import { producedUsage } from '../metering/index.ts';
import {
  askModel,
  type CallContext,
  type ConversationRequest,
  type ModelAnswer,
  ModelCallError,
  streamModel,
  type TokenUsage,
} from '../providers/index.ts';
import type { MergeCall, MergeReply } from './merge/index.ts';
import { messageTokens } from './message-tokens.ts';
import type { ReceiptLine } from './run-store.ts';

/** Milliseconds that one call of a merge may take, its retries included. */
export const MERGE_CALL_TIMEOUT_MS = 120_000;

/** Makes a merge's calls and writes what each cost. */
export class MergeCaller {
  readonly #catalog: Catalog;
  readonly #context: CallContext;
  readonly #signal: AbortSignal;
  readonly #record: (line: ReceiptLine) => void;

  constructor(
    catalog: Catalog,
    context: CallContext,
    signal: AbortSignal,
    record: (line: ReceiptLine) => void,
  ) {
    this.#catalog = catalog;
    this.#context = context;
    this.#signal = signal;
    this.#record = record;
  }

  async ask(call: MergeCall): Promise<MergeReply> {
    const answer = await askModel(this.#context, this.#target(call), this.#request(call), this.#options());
    const choice = answer.response.choices[0];
    let text = '';
    for (const part of choice?.parts ?? [])
      if (part.type === 'text' || part.type === 'refusal') text += part.text;
    this.#pay(call, answer, answer.response.usage, text, true);
    return { text, finishReason: choice?.finishReason ?? 'error' };
  }

  async stream(call: MergeCall, onText: (text: string) => void): Promise<MergeReply> {
    const answer = await streamModel(this.#context, this.#target(call), this.#request(call), this.#options());
    let text = '';
    let usage: TokenUsage | null = null;
    let finishReason: MergeReply['finishReason'] = 'stop';
    let whole = false;
    try {
      for await (const event of answer.events) {
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
      this.#pay(call, answer, usage, text, whole);
    }
    return { text, finishReason };
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

  #request(call: MergeCall): Omit<ConversationRequest, 'model' | 'stream'> {
    const most = this.#model(call).maxOutputTokens ?? call.maxTokens;
    return {
      messages: call.messages,
      maxTokens: Math.min(call.maxTokens, most),
      includeUsage: true,
      ...(call.output === undefined ? {} : { output: call.output }),
    };
  }

  #options() {
    return { signal: this.#signal, timeouts: { totalMs: MERGE_CALL_TIMEOUT_MS } };
  }

  #pay(
    call: MergeCall,
    { keyStrategy, providerKeyId }: Pick<ModelAnswer, 'keyStrategy' | 'providerKeyId'>,
    reported: TokenUsage | null,
    text: string,
    whole: boolean,
  ): void {
    const { usage, estimated } = producedUsage({
      reported,
      saidTokens: estimateTokens(text),
      whole,
      promptTokens: () => messageTokens(call.messages),
    });
    if (usage.inputTokens + usage.outputTokens === 0) return;
    const cost = priceOf(this.#model(call), usage);
    this.#record({
      // Not the call's own id: a merge that is begun again after an eviction pays again, and both payments count.
      id: newId('call'),
      purpose: call.purpose,
      perspective: call.perspective,
      modelId: call.modelId,
      keyStrategy,
      providerKeyId,
      usage,
      costNano: cost ?? ZERO,
      estimated,
      priced: cost !== null,
    });
  }
}
