import type { WireCodec } from '../../codec.ts';
import type { OpenAiQuirks } from '../openai-chat/quirks.ts';
import { decodeRequest } from './decode-request.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { decodeError, encodeError } from './errors.ts';
import { streamDecoder } from './stream-decoder.ts';
import { streamEncoder } from './stream-encoder.ts';

/** OpenAI's Responses API, as the provider with these quirks speaks it. Quirks concern requests alone. */
export function createOpenAiResponsesCodec(quirks: OpenAiQuirks = {}): WireCodec {
  return {
    format: 'openai-responses',
    encodeRequest: (request) => encodeRequest(request, quirks),
    decodeResponse,
    streamDecoder,
    decodeError,
    decodeRequest: (body) => decodeRequest(body),
    encodeResponse,
    streamEncoder,
    encodeError,
  };
}

/** OpenAI's Responses API. */
export const openAiResponsesCodec: WireCodec = createOpenAiResponsesCodec();
