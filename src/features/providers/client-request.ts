import type { DecodedRequest } from './codec.ts';
import type { ConversationRequest, JsonObject, WireFormat } from './conversation.ts';
import type { EmbeddingRequest } from './wire/openai-chat/embeddings.ts';

/**
 * A client's request as it came: sent on as it stands to a provider of the same format, so that whatever the format can say survives, and in neutral
 * form to all others.
 */
export interface ClientRequest {
  readonly format: WireFormat;
  /** The body without what is addressed to Parallax. Its `model` is replaced for each target. */
  readonly body: JsonObject;
  /** Headers of the format that go with it (`anthropic-beta`), names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body in neutral form, decoded at most once. Throws `ParallaxError` when it is not of the format. */
  readonly neutral: () => DecodedRequest;
  /** Whether what a target cannot do may be left out; otherwise the target is not asked. */
  readonly lenient: boolean;
}

/** A request in neutral form, without what the target decides. */
export type NeutralRequest = Omit<ConversationRequest, 'model' | 'stream'>;

/** Texts to be embedded. Embeddings are asked for in OpenAI's format alone, which is the one that providers share. */
export interface EmbeddingCall {
  readonly embedding: Omit<EmbeddingRequest, 'model'>;
}

/** What a call can be made from. */
export type ModelRequest = NeutralRequest | ClientRequest | EmbeddingCall;

export function isEmbeddingCall(request: ModelRequest): request is EmbeddingCall {
  return 'embedding' in request;
}

export function isClientRequest(request: ModelRequest): request is ClientRequest {
  return 'neutral' in request;
}
