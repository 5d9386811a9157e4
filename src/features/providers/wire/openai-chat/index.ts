import type { WireCodec } from '../../codec.ts';
import { decodeRequest } from './decode-request.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeResponse } from './encode-response.ts';
import { decodeError, encodeError } from './errors.ts';
import type { OpenAiQuirks } from './quirks.ts';
import { streamDecoder } from './stream-decoder.ts';
import { streamEncoder } from './stream-encoder.ts';

/** OpenAI's chat completions, as the provider with these quirks speaks them. Quirks concern requests alone. */
export function createOpenAiChatCodec(quirks: OpenAiQuirks = {}): WireCodec {
  return {
    format: 'openai-chat',
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

/** OpenAI's chat completions in their plainest form, which most servers understand. */
export const openAiChatCodec: WireCodec = createOpenAiChatCodec();

export * from './embeddings.ts';
export { movedMediaNote, RESULT_MEDIA_MOVED } from './encode-messages.ts';
export type { OpenAiQuirks } from './quirks.ts';
