/**
 * The neutral form of a conversation with a model: what the wire codecs translate from and to. It holds what at least one of the
 * four formats can say (OpenAI chat completions and responses, Anthropic messages, Gemini generateContent); a codec that
 * cannot say a thing names it as dropped, it never drops in silence.
 */

/** The wire formats that Parallax reads and writes. */
export const WIRE_FORMATS = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const;
export type WireFormat = (typeof WIRE_FORMATS)[number];

/** Where a binary part's bytes are. `mediaType` is an IANA media type such as `image/png`; `data` is standard base64. */
export type Source =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  | { readonly kind: 'file_id'; readonly id: string; readonly mediaType?: string };

/** A prompt-cache breakpoint after this part (Anthropic `cache_control`); `ttl` is the wire's own text, e.g. `5m`, `1h`. */
export interface CacheControl {
  readonly ttl?: string;
}

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  readonly cache?: CacheControl;
}
export interface ImagePart {
  readonly type: 'image';
  readonly source: Source;
  readonly detail?: 'auto' | 'low' | 'high' | 'original';
  readonly cache?: CacheControl;
}
export interface AudioPart {
  readonly type: 'audio';
  readonly source: Source;
}
/** A document such as a PDF or a text file. */
export interface FilePart {
  readonly type: 'file';
  readonly source: Source;
  readonly name?: string;
  readonly cache?: CacheControl;
}
/** The model asks for a tool. `arguments` is JSON text exactly as the model wrote it; `{}` when it wrote none. */
export interface ToolCallPart {
  readonly type: 'tool_call';
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  /** Opaque state that the provider wants back with the call (Gemini `thoughtSignature`). */
  readonly signature?: string;
  readonly cache?: CacheControl;
}
/** What a tool answered. `name` is needed by Gemini, which has no call ids of old; decoders fill it from the call when they can. */
export interface ToolResultPart {
  readonly type: 'tool_result';
  readonly callId: string;
  readonly name?: string;
  readonly content: readonly (TextPart | ImagePart | FilePart)[];
  readonly isError?: boolean;
  readonly cache?: CacheControl;
}
/** What the model thought. `signature` and `encrypted` are opaque state to be sent back unchanged to the same provider. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly id?: string;
  readonly signature?: string;
  readonly encrypted?: string;
}
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

export type UserPart = TextPart | ImagePart | AudioPart | FilePart;
export type AssistantPart = TextPart | ImagePart | AudioPart | ToolCallPart | ReasoningPart | RefusalPart;
export type Part = UserPart | AssistantPart | ToolResultPart;

/**
 * One turn. Normal form, which every decoder produces: no empty `parts`; results of one round of tool calls stand together in one `tool`
 * message; what the person adds after them is a `user` message of its own.
 */
export type Message =
  | { readonly role: 'system'; readonly parts: readonly TextPart[] }
  | { readonly role: 'user'; readonly parts: readonly UserPart[]; readonly name?: string }
  | { readonly role: 'assistant'; readonly parts: readonly AssistantPart[]; readonly name?: string }
  | { readonly role: 'tool'; readonly parts: readonly ToolResultPart[] };

/** A JSON Schema document or any other JSON object. */
export type JsonObject = { readonly [name: string]: unknown };

/** A function that the caller runs. `parameters` is a JSON Schema of an object. */
export interface Tool {
  readonly name: string;
  readonly description?: string;
  readonly parameters: JsonObject;
  readonly strict?: boolean;
  readonly cache?: CacheControl;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string };

export type OutputFormat =
  | { readonly kind: 'json_object' }
  | {
      readonly kind: 'json_schema';
      readonly name: string;
      readonly schema: JsonObject;
      readonly description?: string;
      readonly strict?: boolean;
    };

export interface ReasoningOptions {
  /** The wire's own word (`none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`). */
  readonly effort?: string;
  /** Tokens the model may think (Anthropic `budget_tokens`, Gemini `thinkingBudget`). 0 switches thinking off. */
  readonly budgetTokens?: number;
  /** Whether the thoughts, or a summary of them, come back with the answer. */
  readonly include?: boolean;
}

/** A request to a model, in neutral form. Absent means: the provider's default. */
export interface ConversationRequest {
  /** The name the provider knows the model by. */
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly output?: OutputFormat;
  /** Bound of the answer in tokens, reasoning included where the provider counts it so. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  /** Number of answers (`n`, `candidateCount`). */
  readonly choices?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  /** `0` asks for the chosen tokens' log-probabilities alone; `k` for the k likeliest beside each. */
  readonly logprobs?: number;
  readonly reasoning?: ReasoningOptions;
  readonly verbosity?: string;
  /** An opaque id of the end user, for the provider's abuse checks. */
  readonly user?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly serviceTier?: string;
  readonly promptCacheKey?: string;
  readonly stream: boolean;
  /** Whether a streamed answer ends with its usage. Parallax always asks for it upstream; towards a client it is the client's wish. */
  readonly includeUsage?: boolean;
  /** Parameters of `extraFormat` that have no neutral form. Sent on to a provider of the same format, dropped (and named) otherwise. */
  readonly extra?: JsonObject;
  readonly extraFormat?: WireFormat;
}

/**
 * Why an answer ended. `stop`: by itself; `stop_sequence`: at one of `stop`; `length`: at a token bound; `tool_calls`: waits for tools;
 * `refusal`: the model or a policy declined; `pause`: the provider wants the turn sent back to go on; `error`: broken off.
 */
export type FinishReason = 'stop' | 'stop_sequence' | 'length' | 'tool_calls' | 'refusal' | 'pause' | 'error';

/**
 * Tokens of a call. `inputTokens` counts all input, `cachedInputTokens` and `cacheWriteTokens` are parts of it;
 * `outputTokens` counts all output, `reasoningTokens` is part of it. (Anthropic's wire counts cached input apart; its codec adds it.)
 */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly audioInputTokens?: number;
  readonly audioOutputTokens?: number;
}

export const NO_USAGE: TokenUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
};

/** One of the answers to a request; usually there is one, at index 0. */
export interface Choice {
  readonly index: number;
  readonly parts: readonly AssistantPart[];
  readonly finishReason: FinishReason;
  /** Which stop sequence ended it, when the provider says. */
  readonly stopSequence?: string;
  /** Log-probabilities in the OpenAI chat shape (`{content: [...]}`), when asked for and given. */
  readonly logprobs?: JsonObject;
}

export interface ConversationResponse {
  readonly id: string;
  /** The model that answered, in the provider's words. */
  readonly model: string;
  /** Milliseconds; 0 when the format does not say. */
  readonly created: number;
  readonly choices: readonly Choice[];
  readonly usage: TokenUsage;
  readonly serviceTier?: string;
}

/** What kind of failure a provider reported; decides whether a retry or a fallback makes sense. */
export type UpstreamErrorKind =
  | 'invalid_request'
  | 'authentication'
  | 'permission'
  | 'not_found'
  | 'too_large'
  | 'rate_limited'
  | 'quota_exceeded'
  | 'content_policy'
  | 'context_length'
  | 'overloaded'
  | 'timeout'
  | 'server_error'
  | 'malformed'
  | 'connection';

/** A provider's error in neutral form. `message` is the provider's sentence, bounded to 1,000 characters. */
export interface UpstreamErrorInfo {
  readonly kind: UpstreamErrorKind;
  readonly message: string;
  readonly status?: number;
  /** The provider's own code or type, e.g. `context_length_exceeded`. */
  readonly code?: string;
  readonly param?: string;
}

/**
 * A piece of a streamed answer. Order: one `start`, then pieces, one `finish` a choice, `usage` at any point (each later one replaces
 * the earlier), one `end`. An `error` ends the stream; nothing follows it. `choice` is the index of the answer (0 unless several were
 * asked for); `call` numbers the tool calls of a choice from 0 in the order they began; `block` numbers reasoning blocks likewise.
 */
export type ConversationEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string; readonly created: number }
  | { readonly type: 'text'; readonly choice: number; readonly text: string }
  | { readonly type: 'refusal'; readonly choice: number; readonly text: string }
  | {
      readonly type: 'reasoning';
      readonly choice: number;
      readonly block: number;
      readonly text: string;
      readonly id?: string;
      readonly signature?: string;
      readonly encrypted?: string;
    }
  | {
      readonly type: 'tool_call_start';
      readonly choice: number;
      readonly call: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: string;
    }
  | {
      readonly type: 'tool_call_arguments';
      readonly choice: number;
      readonly call: number;
      readonly fragment: string;
    }
  | { readonly type: 'logprobs'; readonly choice: number; readonly logprobs: JsonObject }
  | {
      readonly type: 'finish';
      readonly choice: number;
      readonly reason: FinishReason;
      readonly stopSequence?: string;
    }
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  | { readonly type: 'error'; readonly error: UpstreamErrorInfo }
  | { readonly type: 'end' };

/** Something a codec could not say in its format: where it stood (`tools[0].strict`, `topK`) and why it was left out. */
export interface Dropped {
  readonly path: string;
  readonly reason: string;
}
