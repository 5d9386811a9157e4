import type { OperationErrorShape } from '../../platform/http/error-response.ts';
import type { Feature } from '../metering/index.ts';
import type { JsonObject, WireFormat } from '../providers/index.ts';

/** One of the chat shapes that clients speak. */
export interface Surface {
  readonly feature: Extract<Feature, 'chat' | 'responses' | 'messages'>;
  readonly format: WireFormat;
  readonly errorShape: OperationErrorShape;
  /** The client's bound of the answer in tokens, if it named one. */
  readonly maxTokens: (body: JsonObject) => number | null;
  /** Answers asked for at once, at least 1. */
  readonly choices: (body: JsonObject) => number;
  /** Whether a streamed answer is to end with its usage; formats that always tell it ignore the question. */
  readonly wantsUsage: (body: JsonObject) => boolean;
}

/** No provider gives more at once ("Create chat completion", `n`). */
const MOST_CHOICES = 128;

export const CHAT: Surface = {
  feature: 'chat',
  format: 'openai-chat',
  errorShape: 'openai',
  maxTokens: (body) => count(body.max_completion_tokens) ?? count(body.max_tokens),
  choices: ({ n }) => Math.min(count(n) ?? 1, MOST_CHOICES),
  wantsUsage: ({ stream_options: options }) =>
    typeof options === 'object' &&
    options !== null &&
    (options as { include_usage?: unknown }).include_usage === true,
};

export const RESPONSES: Surface = {
  feature: 'responses',
  format: 'openai-responses',
  errorShape: 'openai',
  maxTokens: (body) => count(body.max_output_tokens),
  choices: () => 1,
  wantsUsage: () => true,
};

export const MESSAGES: Surface = {
  feature: 'messages',
  format: 'anthropic-messages',
  errorShape: 'anthropic',
  maxTokens: (body) => count(body.max_tokens),
  choices: () => 1,
  wantsUsage: () => true,
};

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;
}
