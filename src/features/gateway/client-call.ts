import { ParallaxError } from '../../platform/errors.ts';
import {
  type ClientRequest,
  codecFor,
  type DecodedRequest,
  type JsonObject,
  type WireFormat,
} from '../providers/index.ts';
import { requestTokens } from './request-size.ts';
import type { Surface } from './surface.ts';

/** Most bytes of a request: pictures and files travel inlined, and the platform lets a request have 100 MB. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Most models that may be named to fall back on. */
export const MAX_FALLBACKS = 8;

/** How a streamed answer in the provider's own format is passed on. */
export type StreamForm =
  /** As the provider sends it, byte by byte. */
  | 'exact'
  /** With our own members where the usage is told, and without what the client did not ask for. */
  | 'annotated';

/** A client's call, read as far as Parallax needs to. */
export interface ClientCall {
  readonly surface: Surface;
  /** A name as the client wrote it: an id, an alias, `auto`, `parallax/…`. */
  readonly model: string;
  /** Models to fall back on, in order. */
  readonly models: readonly string[];
  /** `provider` as it came, for the router to read. */
  readonly provider: unknown;
  readonly stream: boolean;
  readonly wantsUsage: boolean;
  readonly streamForm: StreamForm;
  readonly inputTokens: number;
  readonly maxTokens: number | null;
  /** Answers asked for at once. */
  readonly choices: number;
  readonly request: ClientRequest;
  /** The body in neutral form, decoded at most once. */
  readonly neutral: () => DecodedRequest;
}

/**
 * Members that are addressed to a gateway and not to a model: ours (`models`, `provider`), and those with which clients of other gateways name
 * addresses and keys. None of them ever reaches a provider: an address or key from a body would send the request, and whatever we add to
 * it, to somebody else.
 */
const NOT_FOR_MODELS = new Set([
  'models',
  'provider',
  'route',
  'transforms',
  'fallbacks',
  'api_base',
  'base_url',
  'api_key',
  'api_version',
  'custom_llm_provider',
  'mock_response',
  'extra_headers',
  'extra_body',
]);

/**
 * Headers of the formats that are passed on with a body, and which of their values; everything else of a request's headers is between the client and
 * us. A body is of the API version that its client says: the versions are those whose answers the codec reads.
 */
const PASSED_HEADERS: Partial<Readonly<Record<WireFormat, Readonly<Record<string, RegExp>>>>> = {
  'anthropic-messages': {
    'anthropic-beta': /^[\x20-\x7e]{1,4000}$/,
    'anthropic-version': /^(?:2023-06-01|2026-10-21)$/,
  },
};

/**
 * Reads what a body says to Parallax, and makes the rest ready for the models. Throws `ParallaxError` with the member that is wrong. What only the
 * models understand is left to them, and to the codec when a target speaks another format.
 */
export function readClientCall(surface: Surface, value: unknown, headers: Headers): ClientCall {
  const whole = bodyObject(value);
  const [model = '', ...models] = modelsIn(whole);
  const stream = booleanIn(whole.stream, 'stream');
  const body = withoutGatewayMembers(whole);
  let decoded: DecodedRequest | undefined;
  const neutral = () => {
    decoded ??= codecFor(surface.format).decodeRequest({ ...body, model });
    return decoded;
  };
  return {
    surface,
    model,
    models,
    provider: whole.provider,
    stream,
    wantsUsage: surface.wantsUsage(body),
    streamForm: streamFormIn(headers, surface),
    inputTokens: requestTokens(body),
    maxTokens: surface.maxTokens(body),
    choices: surface.choices(body),
    request: {
      format: surface.format,
      body,
      headers: passedHeaders(headers, surface),
      neutral,
      lenient: isLenient(whole.provider),
    },
    neutral,
  };
}

function bodyObject(value: unknown): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new ParallaxError('malformed_request', 'The body must be a JSON object.');
}

/** The body without what is addressed to a gateway. Throws `malformed_request` when it is no object. */
export function withoutGatewayMembers(value: unknown): JsonObject {
  const whole = bodyObject(value);
  let addressed = false;
  for (const name in whole) if (NOT_FOR_MODELS.has(name)) addressed = true;
  if (!addressed) return whole;
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !NOT_FOR_MODELS.has(name)));
}

/** The models that a body names: `model`, then `models`; at least one. Throws `invalid_parameter` with the member that is wrong. */
export function modelsIn(value: unknown): readonly string[] {
  const { model, models } = bodyObject(value);
  const fallbacks = namesIn(models, 'models');
  if (model !== undefined && model !== null) return [nameIn(model, 'model'), ...fallbacks];
  if (fallbacks.length > 0) return fallbacks;
  throw invalid('model', 'must name a model, an alias or "auto"');
}

function namesIn(value: unknown, param: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(param, 'must be a list of models');
  if (value.length > MAX_FALLBACKS) throw invalid(param, `must have at most ${MAX_FALLBACKS} models`);
  return value.map((name, index) => nameIn(name, `${param}[${index}]`));
}

function nameIn(value: unknown, param: string): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > 200)
    throw invalid(param, 'must be the name of a model');
  return value;
}

function booleanIn(value: unknown, param: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw invalid(param, 'must be true or false');
  return value;
}

/** `provider.require_parameters: false` lets a model leave out what it cannot do; otherwise it is not asked. */
function isLenient(provider: unknown): boolean {
  return (
    typeof provider === 'object' &&
    provider !== null &&
    (provider as { require_parameters?: unknown }).require_parameters === false
  );
}

/**
 * The header `x-parallax-stream` chooses. Without it chat streams are annotated, because their usage comes only when asked for and we always ask;
 * the other formats tell it always, and are passed on as they are.
 */
function streamFormIn(headers: Headers, { feature }: Surface): StreamForm {
  const wish = headers.get('x-parallax-stream');
  if (wish === null) return feature === 'chat' ? 'annotated' : 'exact';
  if (wish === 'exact' || wish === 'annotated') return wish;
  throw invalid('x-parallax-stream', 'must be "exact" or "annotated"');
}

function passedHeaders(headers: Headers, { format }: Surface): Readonly<Record<string, string>> {
  const passed: Record<string, string> = {};
  for (const [name, allowed] of Object.entries(PASSED_HEADERS[format] ?? {})) {
    const value = headers.get(name);
    if (value !== null && allowed.test(value)) passed[name] = value;
  }
  return passed;
}

function invalid(param: string, problem: string): ParallaxError {
  return new ParallaxError('invalid_parameter', `\`${param}\` ${problem}.`, { param });
}
