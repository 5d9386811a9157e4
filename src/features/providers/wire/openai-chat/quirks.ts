/**
 * How a server that speaks an OpenAI format differs from the plainest reading of it. A provider's definition names its quirks;
 * everything absent takes the choice that most servers understand.
 */
export interface OpenAiQuirks {
  /** Chat: the name of the bound. `max_tokens` unless said; OpenAI's reasoning models take only `max_completion_tokens`. */
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** The role of system messages. `system` unless said; OpenAI's newer models call it `developer` and take both. */
  readonly systemRole?: 'system' | 'developer';
  /** Chat: whether `stream_options.include_usage` may be sent. True unless said. */
  readonly streamOptions?: boolean;
  /**
   * Chat: the field in which an assistant's earlier thoughts go back. OpenAI takes none, so they are dropped unless said. DeepSeek and
   * vLLM read `reasoning_content`, OpenRouter `reasoning` or, with signatures and encrypted state, `reasoning_details`.
   */
  readonly reasoningField?: 'reasoning_content' | 'reasoning' | 'reasoning_details';
  /** Chat: `reasoning_effort` unless said; OpenRouter's object `reasoning` also takes a token budget. */
  readonly reasoningParameter?: 'reasoning_effort' | 'reasoning';
  /** Chat: whether the server knows `top_k` (vLLM, Together, Fireworks, OpenRouter, … do; OpenAI refuses it). */
  readonly topK?: boolean;
  /** How prompt-cache breakpoints are written: OpenAI's own mark, or Anthropic's as OpenRouter and LiteLLM take it. Dropped unless said. */
  readonly cacheMarks?: 'prompt_cache_breakpoint' | 'cache_control';
  /** Chat: whether a tool call's opaque state goes back as `extra_content.google.thought_signature` (Gemini's OpenAI compatibility). */
  readonly toolCallSignature?: boolean;
  /** Body parameters under another name, e.g. `{seed: 'random_seed'}` for Mistral. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Body parameters (in the format's own words) that the server refuses: they are left out and named as dropped. */
  readonly omit?: readonly string[];
}
