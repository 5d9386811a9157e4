import type { StreamEncoderOptions } from '../../codec.ts';
import type {
  ConversationRequest,
  FinishReason,
  JsonObject,
  TokenUsage,
  UpstreamErrorInfo,
} from '../../conversation.ts';
import { encodeTextFormat, encodeTool, encodeToolChoice } from './encode-request.ts';
import { errorCode } from './errors.ts';
import { encodeUsage } from './usage.ts';

export interface ResponseState {
  readonly id: string;
  /** Milliseconds. */
  readonly created: number;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly output: readonly JsonObject[];
  readonly incompleteReason?: 'max_output_tokens' | 'content_filter';
  readonly error?: UpstreamErrorInfo;
  readonly usage?: TokenUsage;
  readonly serviceTier?: string;
}

/** "The Response object" for a client: the answer, and what the request asked for, which the format repeats. */
export function responseObject(state: ResponseState, options: StreamEncoderOptions): JsonObject {
  const { error } = state;
  return {
    id: state.id,
    object: 'response',
    created_at: Math.floor(state.created / 1_000),
    status: state.status,
    error: error === undefined ? null : { code: errorCode(error), message: error.message },
    incomplete_details: state.incompleteReason === undefined ? null : { reason: state.incompleteReason },
    ...repeated(options.request),
    model: options.model,
    output: state.output,
    usage: state.usage === undefined ? null : encodeUsage(state.usage),
    ...(state.serviceTier === undefined ? {} : { service_tier: state.serviceTier }),
  };
}

function repeated(request: ConversationRequest | undefined): JsonObject {
  const first = request?.messages[0];
  const part = first?.role === 'system' && first.parts.length === 1 ? first.parts[0] : undefined;
  const kept = request?.extraFormat === 'openai-responses' ? request.extra : undefined;
  return {
    background: false,
    instructions: part?.text ?? null,
    max_output_tokens: request?.maxTokens ?? null,
    metadata: request?.metadata ?? {},
    parallel_tool_calls: request?.parallelToolCalls ?? true,
    previous_response_id: kept?.previous_response_id ?? null,
    reasoning: {
      effort: request?.reasoning?.effort ?? null,
      summary: request?.reasoning?.include === true ? 'auto' : null,
    },
    store: kept?.store ?? false,
    temperature: request?.temperature ?? null,
    text: {
      format: request?.output === undefined ? { type: 'text' } : encodeTextFormat(request.output),
      ...(request?.verbosity === undefined ? {} : { verbosity: request.verbosity }),
    },
    tool_choice: request?.toolChoice === undefined ? 'auto' : encodeToolChoice(request.toolChoice),
    tools: (request?.tools ?? []).map((tool) => encodeTool(tool, false)),
    top_logprobs: request?.logprobs ?? 0,
    top_p: request?.topP ?? null,
    truncation: kept?.truncation ?? 'disabled',
    user: request?.user ?? null,
  };
}

/** How a neutral end is said: the status, and what cut an incomplete answer. A refusal in words is complete. */
export function endOf(
  reason: FinishReason,
  refusedInWords: boolean,
): Pick<ResponseState, 'status' | 'incompleteReason' | 'error'> {
  switch (reason) {
    case 'length':
      return { status: 'incomplete', incompleteReason: 'max_output_tokens' };
    case 'refusal':
      return refusedInWords
        ? { status: 'completed' }
        : { status: 'incomplete', incompleteReason: 'content_filter' };
    case 'error':
      return {
        status: 'failed',
        error: { kind: 'server_error', message: 'The provider broke the answer off.', code: 'server_error' },
      };
    case 'stop':
    case 'stop_sequence':
    case 'pause':
    case 'tool_calls':
      return { status: 'completed' };
  }
}
