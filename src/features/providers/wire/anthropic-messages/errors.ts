import type { EncodedError } from '../../codec.ts';
import type { JsonObject, UpstreamErrorInfo, UpstreamErrorKind } from '../../conversation.ts';
import { boundedMessage, given, isObject, jsonOrUndefined } from '../fields.ts';
import { kindOfStatus, kindOrStatus, statusSentence } from '../statuses.ts';

const KIND_OF_TYPE: Readonly<Record<string, UpstreamErrorKind>> = {
  invalid_request_error: 'invalid_request',
  authentication_error: 'authentication',
  billing_error: 'quota_exceeded',
  permission_error: 'permission',
  not_found_error: 'not_found',
  conflict_error: 'invalid_request',
  request_too_large: 'too_large',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  api_error: 'server_error',
  overloaded_error: 'overloaded',
};

/** The types and statuses of Anthropic's page "Errors"; kinds that it has no type for take the nearest. */
const WIRE_OF_KIND: Readonly<Record<UpstreamErrorKind, readonly [type: string, status: number]>> = {
  invalid_request: ['invalid_request_error', 400],
  context_length: ['invalid_request_error', 400],
  content_policy: ['invalid_request_error', 400],
  authentication: ['authentication_error', 401],
  quota_exceeded: ['billing_error', 402],
  permission: ['permission_error', 403],
  not_found: ['not_found_error', 404],
  too_large: ['request_too_large', 413],
  rate_limited: ['rate_limit_error', 429],
  server_error: ['api_error', 500],
  malformed: ['api_error', 502],
  connection: ['api_error', 502],
  timeout: ['timeout_error', 504],
  overloaded: ['overloaded_error', 529],
};

/** Reads an error response ("Errors"). `code` is `details.error_code` where there is one, otherwise the type. Never throws. */
export function decodeError(status: number, body: string): UpstreamErrorInfo {
  const parsed = jsonOrUndefined(body);
  const error = isObject(parsed) && isObject(parsed.error) ? parsed.error : undefined;
  if (error === undefined)
    return { kind: kindOfStatus(status), message: boundedMessage(statusSentence(status, body)), status };
  return { ...errorInfo(error, status), status };
}

/** The error object itself, as it also comes in a stream's `error` event. `status` helps where the type is unknown. */
export function errorInfo(error: JsonObject, status?: number): UpstreamErrorInfo {
  const type = typeof error.type === 'string' ? error.type : undefined;
  const detail = isObject(error.details) ? error.details.error_code : undefined;
  const code = typeof detail === 'string' ? detail : type;
  const text = typeof error.message === 'string' ? boundedMessage(error.message) : '';
  const message = text === '' ? 'The provider reported an error without a message.' : text;
  const ofType = type !== undefined && Object.hasOwn(KIND_OF_TYPE, type) ? KIND_OF_TYPE[type] : undefined;
  const kind = finerKind(kindOrStatus(ofType, status), message, code);
  return { kind, message, ...given('code', code?.slice(0, 100)) };
}

/** `invalid_request_error` says several things that only its sentence tells apart. */
function finerKind(kind: UpstreamErrorKind, message: string, code: string | undefined): UpstreamErrorKind {
  if (kind !== 'invalid_request') return kind;
  if (
    code === 'context_length_exceeded' ||
    /prompt is too long|context (?:window|limit|length)/i.test(message)
  )
    return 'context_length';
  if (code === 'content_policy' || /content filtering policy|usage polic/i.test(message))
    return 'content_policy';
  if (/credit balance is too low/i.test(message)) return 'quota_exceeded';
  return kind;
}

/** An error for a client of the Messages API. */
export function encodeError(error: UpstreamErrorInfo): EncodedError {
  return { status: WIRE_OF_KIND[error.kind][1], body: { type: 'error', error: errorObject(error) } };
}

/** The member `error`, also of a stream's `error` event. */
export function errorObject(error: UpstreamErrorInfo): JsonObject {
  const [type] = WIRE_OF_KIND[error.kind];
  const code = CODE_OF_KIND[error.kind] ?? error.code;
  return {
    type,
    message: error.message,
    ...(code === undefined || code === type ? {} : { details: { error_code: code } }),
  };
}

/** Codes that keep apart what the type alone would not. */
const CODE_OF_KIND: Partial<Record<UpstreamErrorKind, string>> = {
  context_length: 'context_length_exceeded',
  content_policy: 'content_policy',
};
