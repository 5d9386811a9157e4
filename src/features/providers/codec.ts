import type { SseEvent } from '../../platform/sse.ts';
import type {
  ConversationEvent,
  ConversationRequest,
  ConversationResponse,
  Dropped,
  JsonObject,
  TokenUsage,
  UpstreamErrorInfo,
  WireFormat,
} from './conversation.ts';

/** A request body in a wire format, and the path below the provider's base URL that it is posted to. */
export interface EncodedRequest {
  /** E.g. `/chat/completions`, `/messages`, `/models/gemini-2.5-pro:streamGenerateContent?alt=sse`. */
  readonly path: string;
  readonly body: JsonObject;
  readonly dropped: readonly Dropped[];
}

/** A client's request body read into neutral form. */
export interface DecodedRequest {
  readonly request: ConversationRequest;
  readonly dropped: readonly Dropped[];
}

/** Reads one stream; holds what the format spreads over several events. */
export interface StreamDecoder {
  /** Takes one event and returns what it means. Throws `MalformedUpstreamError` when it is not of the format. */
  event(event: SseEvent): ConversationEvent[];
  /**
   * The bytes have ended. Returns what is still owed (`end`), or, when the stream stopped before its proper end, an `error` event
   * of kind `connection`. Calling it after an `error` or `end` returns nothing.
   */
  end(): ConversationEvent[];
}

/** Writes one stream for a client, as SSE text. An `error` becomes the format's error event and never its normal end. */
export interface StreamEncoder {
  event(event: ConversationEvent): string;
}

export interface StreamEncoderOptions {
  /** The model's name as the client knows it, e.g. `anthropic/claude-opus-5`. */
  readonly model: string;
  /** Whether the client asked for usage at the end (`stream_options.include_usage`); formats that always send it ignore this. */
  readonly includeUsage: boolean;
  /** What the request asked for, for formats whose stream repeats it (OpenAI responses). */
  readonly request?: ConversationRequest;
  /**
   * Members of ours for the event that tells the usage at the end: the last chunk (chat), `message_delta` (messages), the response of
   * `response.completed` (responses). Called once, when the usage is known.
   */
  readonly closing?: (usage: TokenUsage) => JsonObject;
}

export interface EncodedError {
  readonly status: number;
  readonly body: JsonObject;
}

/** One wire format, both ways, as pure functions. */
export interface WireCodec {
  readonly format: WireFormat;

  // Towards a provider.
  encodeRequest(request: ConversationRequest): EncodedRequest;
  /** Throws `MalformedUpstreamError` when the body is not of the format. */
  decodeResponse(body: unknown): ConversationResponse;
  streamDecoder(): StreamDecoder;
  /** Reads an error response. `body` is its text, JSON or not. Never throws. */
  decodeError(status: number, body: string): UpstreamErrorInfo;

  // Towards a client.
  /**
   * `pathModel` and `pathStream` carry what Gemini puts into the path. Throws `ParallaxError` (`malformed_request`,
   * `invalid_parameter` with `param`) when the body is not of the format.
   */
  decodeRequest(body: unknown, path?: { readonly model: string; readonly stream: boolean }): DecodedRequest;
  encodeResponse(response: ConversationResponse, options: StreamEncoderOptions): JsonObject;
  streamEncoder(options: StreamEncoderOptions): StreamEncoder;
  encodeError(error: UpstreamErrorInfo): EncodedError;
}

/** A provider answered with something that is not its own format. */
export class MalformedUpstreamError extends Error {
  override readonly name = 'MalformedUpstreamError';
}
