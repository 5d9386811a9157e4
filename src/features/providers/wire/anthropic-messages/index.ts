import type { WireCodec } from '../../codec.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError } from './errors.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { streamDecoder } from './stream-decoder.ts';
import { streamEncoder } from './stream-encoder.ts';

/** Anthropic's Messages API (version 2023-06-01). */
export const anthropicMessagesCodec: WireCodec = {
  format: 'anthropic-messages',
  encodeRequest: (request) => encodeRequest(request),
  decodeResponse,
  streamDecoder,
  decodeError,
  decodeRequest: (body) => decodeRequest(body),
  encodeResponse,
  streamEncoder,
  encodeError,
};

export { DEFAULT_MAX_TOKENS } from './encode-reasoning.ts';
export { encodeRequest as encodeAnthropicRequest } from './encode-request.ts';
export { EVERY_TRAIT, type ModelTraits, traitsOf } from './traits.ts';
