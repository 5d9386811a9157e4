import type { EncodedRequest } from '../../codec.ts';
import type { Dropped, JsonObject, WireFormat } from '../../conversation.ts';
import {
  array,
  count,
  given,
  integer,
  invalid,
  malformed,
  name,
  optionalInteger,
  optionalOneOf,
  optionalString,
  ReportedUpstreamError,
  requestBody,
  string,
  unknownFields,
  upstreamArray,
  upstreamObject,
  upstreamText,
} from '../fields.ts';
import { applyQuirks } from './apply-quirks.ts';
import { errorIn, errorInfo } from './errors.ts';
import type { OpenAiQuirks } from './quirks.ts';

/** What is to be embedded: texts, or texts already cut into a model's tokens. */
export type EmbeddingInput =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'tokens'; readonly tokens: readonly (readonly number[])[] };

/** A request for embeddings in neutral form. Absent means: the provider's default. */
export interface EmbeddingRequest {
  readonly model: string;
  readonly input: EmbeddingInput;
  /** Length of each vector. */
  readonly dimensions?: number;
  readonly user?: string;
  /** Parameters without a neutral form, e.g. `input_type`. */
  readonly extra?: JsonObject;
  readonly extraFormat?: WireFormat;
}

/** `vectors[i]` embeds the i-th input. */
export interface EmbeddingResponse {
  /** The model that answered, in the provider's words. */
  readonly model: string;
  readonly vectors: readonly (readonly number[])[];
  readonly inputTokens: number;
}

/** How a client wants the vectors written; OpenAI's own SDKs ask for `base64` when their caller says nothing. */
export type EmbeddingEncoding = 'float' | 'base64';

/** Most inputs of one request ("Create embeddings"). */
export const MAX_EMBEDDING_INPUTS = 2_048;

const KNOWN: ReadonlySet<string> = new Set(['model', 'input', 'dimensions', 'user', 'encoding_format']);

/**
 * Reads a client's "Create embeddings" body. Throws `ParallaxError` (`malformed_request`, `invalid_parameter` with `param`).
 */
export function decodeEmbeddingRequest(value: unknown): {
  readonly request: EmbeddingRequest;
  readonly encoding: EmbeddingEncoding;
} {
  const body = requestBody(value);
  const extra = unknownFields(body, KNOWN);
  return {
    request: {
      model: name(body.model, 'model'),
      input: decodeInput(body.input),
      ...given('dimensions', optionalInteger(body.dimensions, 'dimensions', 1)),
      ...given('user', optionalString(body.user, 'user')),
      ...given('extra', extra),
      extraFormat: 'openai-chat',
    },
    encoding: optionalOneOf(body.encoding_format, 'encoding_format', ['float', 'base64']) ?? 'float',
  };
}

function decodeInput(value: unknown): EmbeddingInput {
  if (typeof value === 'string') return { kind: 'texts', texts: [nonEmpty(value, 'input')] };
  if (!Array.isArray(value)) throw invalid('input', 'must be a string or an array');
  const items = value as readonly unknown[];
  if (items.length === 0) throw invalid('input', 'must not be empty');
  if (typeof items[0] === 'number') return { kind: 'tokens', tokens: [tokens(items, 'input')] };
  if (items.length > MAX_EMBEDDING_INPUTS)
    throw invalid('input', `must have at most ${MAX_EMBEDDING_INPUTS} entries`);
  if (Array.isArray(items[0]))
    return {
      kind: 'tokens',
      tokens: items.map((item, at) => tokens(array(item, `input[${at}]`), `input[${at}]`)),
    };
  return { kind: 'texts', texts: items.map((item, at) => nonEmpty(item, `input[${at}]`)) };
}

function nonEmpty(value: unknown, path: string): string {
  const text = string(value, path);
  if (text === '') throw invalid(path, 'must not be empty');
  return text;
}

function tokens(value: readonly unknown[], path: string): readonly number[] {
  if (value.length === 0) throw invalid(path, 'must not be empty');
  return value.map((token, at) => integer(token, `${path}[${at}]`, 0));
}

/** A request to a provider. Vectors are asked for as numbers, which every server knows; `encoding_format` is OpenAI's. */
export function encodeEmbeddingRequest(request: EmbeddingRequest, quirks: OpenAiQuirks = {}): EncodedRequest {
  const dropped: Dropped[] = [];
  const { input, extra } = request;
  const items: readonly unknown[] = input.kind === 'texts' ? input.texts : input.tokens;
  if (extra !== undefined && request.extraFormat !== 'openai-chat')
    for (const key of Object.keys(extra))
      dropped.push({
        path: `extra.${key}`,
        reason: `a parameter of ${request.extraFormat ?? 'another format'}`,
      });
  const body = {
    ...(request.extraFormat === 'openai-chat' ? extra : {}),
    model: request.model,
    // One input alone is sent bare: some servers know no arrays.
    input: items.length === 1 ? items[0] : items,
    encoding_format: 'float',
    ...given('dimensions', request.dimensions),
    ...given('user', request.user),
  };
  return { path: '/embeddings', body: applyQuirks(body, quirks, dropped), dropped };
}

/** Reads a provider's answer for `inputs` inputs: every one has its vector, whatever their order on the wire. */
export function decodeEmbeddingResponse(value: unknown, inputs: number): EmbeddingResponse {
  const body = upstreamObject(value, 'body');
  const error = Array.isArray(body.data) ? undefined : errorIn(body);
  if (error !== undefined) throw new ReportedUpstreamError(errorInfo(error));
  const data = upstreamArray(body.data, 'data');
  if (data.length !== inputs) throw malformed('data', `has ${data.length} entries for ${inputs} inputs`);
  const vectors: (readonly number[] | undefined)[] = Array.from({ length: inputs }, () => undefined);
  for (const [at, item] of data.entries()) {
    const entry = upstreamObject(item, `data[${at}]`);
    const index = typeof entry.index === 'number' ? entry.index : at;
    if (!(index in vectors) || vectors[index] !== undefined)
      throw malformed(`data[${at}].index`, 'is not an input of its own');
    vectors[index] = decodeVector(entry.embedding, `data[${at}].embedding`);
  }
  const usage = body.usage === undefined || body.usage === null ? {} : upstreamObject(body.usage, 'usage');
  return {
    model: upstreamText(body.model, 'model'),
    vectors: vectors.map((vector) => vector ?? []),
    inputTokens: count(usage.prompt_tokens ?? usage.total_tokens),
  };
}

function decodeVector(value: unknown, path: string): readonly number[] {
  if (typeof value === 'string') return floatsOfBase64(value, path);
  const vector = upstreamArray(value, path);
  if (vector.length === 0) throw malformed(path, 'is empty');
  for (const number of vector)
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw malformed(path, 'holds something that is not a number');
  return vector as readonly number[];
}

/** An answer for a client. */
export function encodeEmbeddingResponse(
  response: EmbeddingResponse,
  options: { readonly model: string; readonly encoding: EmbeddingEncoding },
): JsonObject {
  return {
    object: 'list',
    data: response.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: options.encoding === 'base64' ? base64OfFloats(vector) : vector,
    })),
    model: options.model,
    usage: { prompt_tokens: response.inputTokens, total_tokens: response.inputTokens },
  };
}

/** Bytes that go into one call of `String.fromCharCode`, whose arguments lie on the stack. */
const SLICE = 8_192;

/** The vector as 32-bit little-endian floats in base64 (`encoding_format: "base64"`). */
export function base64OfFloats(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [at, number] of vector.entries()) view.setFloat32(at * 4, number, true);
  const bytes = new Uint8Array(view.buffer);
  let binary = '';
  for (let at = 0; at < bytes.length; at += SLICE)
    binary += String.fromCharCode(...bytes.subarray(at, at + SLICE));
  return btoa(binary);
}

function floatsOfBase64(text: string, path: string): readonly number[] {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw malformed(path, 'is not base64');
  }
  if (binary.length === 0 || binary.length % 4 !== 0) throw malformed(path, 'is not a list of 32-bit floats');
  const view = new DataView(new ArrayBuffer(binary.length));
  for (let at = 0; at < binary.length; at++) view.setUint8(at, binary.charCodeAt(at));
  return Array.from({ length: binary.length / 4 }, (_, at) => view.getFloat32(at * 4, true));
}
