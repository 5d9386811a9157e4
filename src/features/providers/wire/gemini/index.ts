import type { WireCodec } from '../../codec.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError } from './errors.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { streamDecoder } from './stream-decoder.ts';
import { streamEncoder } from './stream-encoder.ts';

/** Google's Gemini API, `generateContent` and `streamGenerateContent` (v1beta). */
export const geminiCodec: WireCodec = {
  format: 'gemini',
  encodeRequest: (request) => encodeRequest(request),
  decodeResponse,
  streamDecoder,
  decodeError,
  decodeRequest,
  encodeResponse,
  streamEncoder,
  encodeError,
};
