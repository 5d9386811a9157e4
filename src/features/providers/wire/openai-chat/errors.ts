import type { EncodedError } from '../../codec.ts';
import type { JsonObject, UpstreamErrorInfo, UpstreamErrorKind } from '../../conversation.ts';
import { boundedMessage, given, isObject, jsonOrUndefined } from '../fields.ts';
import { kindOfStatus, statusSentence } from '../statuses.ts';

/**
 * Codes and types that say a kind by themselves ("Error codes"), with those of servers that speak OpenAI's formats: Azure, Groq, DeepSeek,
 * OpenRouter, vLLM. Generic types (`invalid_request_error`, `server_error`) are not here: the status and the sentence say more.
 */
const KIND_OF_CODE: ReadonlyMap<string, UpstreamErrorKind> = new Map<string, UpstreamErrorKind>([
  ['context_length_exceeded', 'context_length'],
  ['model_context_window_exceeded', 'context_length'],
  ['string_above_max_length', 'context_length'],
  ['content_filter', 'content_policy'],
  ['content_policy_violation', 'content_policy'],
  ['image_content_policy_violation', 'content_policy'],
  ['responsibleaipolicyviolation', 'content_policy'],
  ['moderation_blocked', 'content_policy'],
  ['data_inspection_failed', 'content_policy'],
  ['bio_policy', 'content_policy'],
  ['cyber_policy', 'content_policy'],
  ['insufficient_quota', 'quota_exceeded'],
  ['insufficient_balance', 'quota_exceeded'],
  ['billing_hard_limit_reached', 'quota_exceeded'],
  ['billing_not_active', 'quota_exceeded'],
  ['invalid_api_key', 'authentication'],
  ['authentication_error', 'authentication'],
  ['permission_denied', 'permission'],
  ['permission_error', 'permission'],
  ['unsupported_country_region_territory', 'permission'],
  ['model_not_found', 'not_found'],
  ['deploymentnotfound', 'not_found'],
  ['not_found_error', 'not_found'],
  ['request_too_large', 'too_large'],
  ['rate_limit_exceeded', 'rate_limited'],
  ['rate_limit_error', 'rate_limited'],
  ['overloaded', 'overloaded'],
  ['overloaded_error', 'overloaded'],
  ['engine_overloaded', 'overloaded'],
  ['server_overloaded', 'overloaded'],
  ['slow_down', 'overloaded'],
  ['timeout', 'timeout'],
  ['request_timeout', 'timeout'],
  ['malformed_response', 'malformed'],
  ['connection_error', 'connection'],
]);

/** Status, `type` and, where a client looks for one, `code` of each kind. */
const WIRE_OF_KIND: Readonly<
  Record<UpstreamErrorKind, readonly [status: number, type: string, code: string | null]>
> = {
  invalid_request: [400, 'invalid_request_error', null],
  context_length: [400, 'invalid_request_error', 'context_length_exceeded'],
  content_policy: [400, 'invalid_request_error', 'content_policy_violation'],
  authentication: [401, 'invalid_request_error', 'invalid_api_key'],
  permission: [403, 'invalid_request_error', 'permission_denied'],
  not_found: [404, 'invalid_request_error', 'model_not_found'],
  too_large: [413, 'invalid_request_error', 'request_too_large'],
  rate_limited: [429, 'rate_limit_error', 'rate_limit_exceeded'],
  quota_exceeded: [429, 'insufficient_quota', 'insufficient_quota'],
  server_error: [500, 'server_error', null],
  malformed: [502, 'server_error', 'malformed_response'],
  connection: [502, 'server_error', 'connection_error'],
  overloaded: [503, 'server_error', 'overloaded'],
  timeout: [504, 'server_error', 'timeout'],
};

/**
 * Reads an error response ("Error codes"). Besides OpenAI's `{error: {…}}` it knows `{error: "…"}`, `{message}`, FastAPI's `{detail}`, Workers
 * AI's `{errors: […]}` and Google's array around the object. Never throws.
 */
export function decodeError(status: number, body: string): UpstreamErrorInfo {
  const error = errorIn(jsonOrUndefined(body));
  if (error === undefined)
    return { kind: kindOfStatus(status), message: boundedMessage(statusSentence(status, body)), status };
  return { ...errorInfo(error, status), status };
}

/** The error object of a body or of a stream's event, wherever that server puts it; `undefined` when there is none. */
export function errorIn(value: unknown): JsonObject | undefined {
  const body = Array.isArray(value) ? (value[0] as unknown) : value;
  if (!isObject(body)) return undefined;
  const errors: unknown = Array.isArray(body.errors) ? body.errors[0] : undefined;
  const error = body.error ?? errors;
  if (isObject(error)) return error;
  if (typeof error === 'string' && error !== '')
    return { ...body, message: typeof body.message === 'string' ? `${error}: ${body.message}` : error };
  if (typeof body.message === 'string') return body;
  if (typeof body.detail === 'string') return { message: body.detail };
  if (Array.isArray(body.detail) && body.detail.length > 0) return validationError(body.detail[0]);
  return undefined;
}

/** FastAPI's validation errors: `{loc: ['body', 'messages', 0], msg}`. */
function validationError(detail: unknown): JsonObject {
  if (!isObject(detail)) return { message: 'The provider refused the request.' };
  const place = Array.isArray(detail.loc) ? detail.loc.filter((step) => step !== 'body').join('.') : '';
  const message = typeof detail.msg === 'string' ? detail.msg : 'is not accepted';
  return { message: place === '' ? message : `${place}: ${message}`, param: place };
}

/** The error object in neutral form. Without an HTTP status (in a stream) a numeric `code` or `status` serves as one. */
export function errorInfo(error: JsonObject, httpStatus?: number): UpstreamErrorInfo {
  const status = httpStatus ?? numericStatus(error);
  const type = text(error.type);
  const code = text(error.code) ?? type;
  const message = sentenceOf(error);
  const param = text(error.param)?.slice(0, 200);
  return {
    kind: kindOf(error, message, status),
    message,
    ...given('status', status),
    ...given('code', code?.slice(0, 100)),
    ...given('param', param === '' ? undefined : param),
  };
}

function numericStatus(error: JsonObject): number | undefined {
  for (const value of [error.code, error.status, error.status_code]) {
    const status = Number(typeof value === 'string' && value.trim() === '' ? Number.NaN : value);
    if (Number.isInteger(status) && status >= 400 && status <= 599) return status;
  }
  return undefined;
}

function kindOf(error: JsonObject, message: string, status: number | undefined): UpstreamErrorKind {
  const inner = isObject(error.innererror)
    ? error.innererror
    : isObject(error.inner_error)
      ? error.inner_error
      : {};
  for (const word of [error.code, inner.code, error.type]) {
    const kind = typeof word === 'string' ? KIND_OF_CODE.get(word.toLowerCase()) : undefined;
    if (kind !== undefined) return kind;
  }
  const ofStatus = status === undefined ? kindOfWord(error.code, error.type) : kindOfStatus(status);
  return finerKind(ofStatus, message);
}

/** Where no status is known (in a stream), the words of the request's own faults: `invalid_prompt`, `image_too_large`, … */
function kindOfWord(...words: readonly unknown[]): UpstreamErrorKind {
  const ofRequest = words.some(
    (word) => typeof word === 'string' && /invalid|bad_?request|image/i.test(word),
  );
  return ofRequest ? 'invalid_request' : 'server_error';
}

/** What only the sentence tells apart: servers answer these with a plain 400, 413, 403 or 500. */
function finerKind(kind: UpstreamErrorKind, message: string): UpstreamErrorKind {
  if (kind === 'invalid_request' || kind === 'too_large' || kind === 'server_error') {
    if (
      /context (?:length|window|size)|maximum context|prompt is too long|too many (?:input )?tokens/i.test(
        message,
      )
    )
      return 'context_length';
  }
  if (kind === 'invalid_request' || kind === 'permission') {
    if (/content (?:policy|filter|management)|usage polic|safety system|flagged/i.test(message))
      return 'content_policy';
  }
  return kind === 'server_error' && /overloaded|at capacity/i.test(message) ? 'overloaded' : kind;
}

/** The sentence; OpenRouter keeps the maker's own words in `metadata.raw`. */
function sentenceOf(error: JsonObject): string {
  const message = text(error.message)?.trim() ?? '';
  const raw = isObject(error.metadata) ? error.metadata.raw : undefined;
  const whole = typeof raw === 'string' && raw !== '' ? `${message}: ${raw}` : message;
  return boundedMessage(whole === '' ? 'The provider reported an error without a message.' : whole);
}

function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** An error for a client of OpenAI's formats. */
export function encodeError(error: UpstreamErrorInfo): EncodedError {
  return { status: WIRE_OF_KIND[error.kind][0], body: { error: errorObject(error) } };
}

/** The member `error`; all four fields are always there. The provider's own code stays where it is one that says this kind here. */
export function errorObject(error: UpstreamErrorInfo): JsonObject {
  const [, type, ownCode] = WIRE_OF_KIND[error.kind];
  return { message: error.message, type, param: error.param ?? null, code: codeOf(error, ownCode) };
}

function codeOf(error: UpstreamErrorInfo, ownCode: string | null): string | null {
  if (error.code === undefined) return ownCode;
  const kind = KIND_OF_CODE.get(error.code.toLowerCase());
  return kind === error.kind || (ownCode === null && kind === undefined) ? error.code : ownCode;
}

/** The code that a client finds for an error; never absent. */
export function errorCode(error: UpstreamErrorInfo): string {
  return codeOf(error, WIRE_OF_KIND[error.kind][2]) ?? WIRE_OF_KIND[error.kind][1];
}
