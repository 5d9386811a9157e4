/** What a request asks and what a model answers, apart from any wire format. */

/** The wire formats; one name each in statistics. */
export type Format = 'openai-chat' | 'openai-responses' | 'openai-embeddings' | 'anthropic' | 'gemini';

/** An attached image, sound, film or file. `bytes` is null when only a link or an id was given. */
export interface Media {
  kind: 'image' | 'audio' | 'video' | 'file';
  type: string;
  bytes: number | null;
  name: string | null;
}

export interface ToolCall {
  id: string;
  name: string;
  input: unknown;
}

export interface ToolResult {
  id: string;
  name: string | null;
  text: string;
  failed: boolean;
}

/** One turn of the conversation. Tool results belong to user turns, tool calls to assistant turns. */
export interface Turn {
  role: 'user' | 'assistant';
  text: string;
  media: Media[];
  calls: ToolCall[];
  results: ToolResult[];
}

/** JSON as `JSON.parse` gives it, when it is an object. */
export type JsonObject = { [key: string]: unknown };

export interface ToolDefinition {
  name: string;
  description: string;
  schema: unknown;
}

export type ToolChoice = { kind: 'auto' | 'none' | 'required' } | { kind: 'named'; name: string };

/** `text`: prose. `object`: any JSON object. `schema`: JSON that validates against a JSON schema. */
export type OutputShape = { kind: 'text' } | { kind: 'object' } | { kind: 'schema'; schema: unknown };

/** `hidden` reasoning is counted, and not shown. */
export type Reasoning = 'none' | 'hidden' | 'shown';

/** A request, read from one of the formats. */
export interface Ask {
  format: Format;
  model: string;
  system: string;
  turns: Turn[];
  tools: ToolDefinition[];
  toolChoice: ToolChoice;
  parallelCalls: boolean;
  output: OutputShape;
  /** Output tokens at most; null when the request sets no limit. */
  maxTokens: number | null;
  stop: string[];
  choices: number;
  reasoning: Reasoning;
  stream: boolean;
  /** OpenAI chat: `stream_options.include_usage`. Always true in the other formats. */
  streamUsage: boolean;
  /** Gemini: false asks for a JSON array in place of server-sent events. */
  serverSentEvents: boolean;
  /** Anthropic: input tokens up to the last `cache_control` mark. */
  cacheMarkedTokens: number;
  /** Fields that a format echoes in its answer (the responses API does). */
  echo: JsonObject;
}

/** One part of an answer, as the pieces (tokens) in which it streams. A call's pieces are its arguments' JSON text. */
export type AnswerPart =
  | { kind: 'reasoning'; pieces: string[]; shown: boolean }
  | { kind: 'text'; pieces: string[] }
  | { kind: 'refusal'; pieces: string[] }
  | { kind: 'call'; id: string; name: string; pieces: string[] };

export type Finish = 'stop' | 'stop_sequence' | 'length' | 'calls' | 'refusal';

export interface Answer {
  parts: AnswerPart[];
  finish: Finish;
  stopSequence: string | null;
}

/** Tokens by the rule in tokens.ts. `input` includes `cachedRead` and `cacheWrite`; `output` includes `reasoning`. */
export interface Usage {
  input: number;
  cachedRead: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
}

/** A full reply, ready for a format to write. `hash` is hex and depends on the request's bytes alone. */
export interface Reply {
  ask: Ask;
  hash: string;
  answers: Answer[];
  usage: Usage;
  /** Gemini only: the prompt itself was blocked, there is no candidate. */
  promptBlocked: boolean;
}

/** The pieces of all parts of one kind, joined. */
export function joined(answer: Answer, kind: 'text' | 'refusal'): string {
  return answer.parts.map((part) => (part.kind === kind ? part.pieces.join('') : '')).join('');
}
