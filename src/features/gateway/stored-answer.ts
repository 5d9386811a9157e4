import { type Nano, toUsd } from '../../platform/money.ts';
import { type ConversationResponse, codecFor, type JsonObject, type WireFormat } from '../providers/index.ts';
import { AnswerBuilder, replayEvents } from './answer-builder.ts';
import { COST_MEMBER } from './stream-answer.ts';

/** Characters of an answer that is kept to be given again; a longer one is not kept. */
export const MAX_STORED_LENGTH = 1_000_000;

/** An answer that is kept: in the client's own format, as it was or would have been given whole. */
export interface StoredAnswer {
  readonly format: WireFormat;
  /** JSON text. */
  readonly body: string;
  readonly modelId: string;
  readonly provider: string;
  /** What it cost when it was made, nano-dollars. */
  readonly costNano: Nano;
  /** Milliseconds. */
  readonly storedAt: number;
}

/**
 * Whether an answer may be given again to the same question: it came to a proper end, and is not a refusal, which another time might be none.
 */
export function isStorable(response: ConversationResponse): boolean {
  return (
    response.choices.length > 0 &&
    response.choices.every(
      ({ finishReason, parts }) =>
        !['refusal', 'error', 'pause'].includes(finishReason) &&
        parts.every(({ type }) => type !== 'image' && type !== 'audio'),
    )
  );
}

/** Gathers a streamed answer, to be kept when it has ended well. */
export class AnswerKeeper {
  readonly #builder = new AnswerBuilder();
  readonly #format: WireFormat;
  readonly #modelId: string;

  constructor(format: WireFormat, modelId: string) {
    this.#format = format;
    this.#modelId = modelId;
  }

  readonly watch: AnswerBuilder['add'] = (events) => this.#builder.add(events);

  /** The answer as JSON text of the client's format; null when it did not end well, or is not to be given again. */
  body(): string | null {
    const response = this.#builder.response();
    if (response === null || !isStorable(response)) return null;
    const options = { model: this.#modelId, includeUsage: true };
    return JSON.stringify(codecFor(this.#format).encodeResponse(response, options));
  }
}

/**
 * The bytes of a kept answer as a stream, at full speed: the same events that a model's own stream would have, in the client's format. `costNano` is what
 * this time costs.
 */
export function replayStream(
  { format, body, modelId }: StoredAnswer,
  { wantsUsage, costNano }: { readonly wantsUsage: boolean; readonly costNano: Nano },
): string {
  const response = codecFor(format).decodeResponse(JSON.parse(body));
  const encoder = codecFor(format).streamEncoder({
    model: modelId,
    includeUsage: wantsUsage,
    closing: (): JsonObject => ({ [COST_MEMBER]: toUsd(costNano) }),
  });
  let text = '';
  for (const event of replayEvents(response)) text += encoder.event(event);
  return text;
}
