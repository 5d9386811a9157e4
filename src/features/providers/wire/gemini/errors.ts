import type { EncodedError } from '../../codec.ts';
import type { JsonObject, UpstreamErrorInfo, UpstreamErrorKind } from '../../conversation.ts';
import { boundedMessage, given, isObject, jsonOrUndefined } from '../fields.ts';
import { kindOfStatus, kindOrStatus, statusSentence } from '../statuses.ts';

/** Google's canonical statuses (google.rpc.Code) as the page "Troubleshooting guide" of the Gemini API uses them. */
const KIND_OF_STATUS: Readonly<Record<string, UpstreamErrorKind>> = {
  INVALID_ARGUMENT: 'invalid_request',
  FAILED_PRECONDITION: 'invalid_request',
  OUT_OF_RANGE: 'invalid_request',
  ALREADY_EXISTS: 'invalid_request',
  ABORTED: 'server_error',
  UNAUTHENTICATED: 'authentication',
  PERMISSION_DENIED: 'permission',
  NOT_FOUND: 'not_found',
  RESOURCE_EXHAUSTED: 'rate_limited',
  CANCELLED: 'connection',
  DEADLINE_EXCEEDED: 'timeout',
  UNIMPLEMENTED: 'invalid_request',
  INTERNAL: 'server_error',
  UNKNOWN: 'server_error',
  DATA_LOSS: 'server_error',
  UNAVAILABLE: 'overloaded',
};

const WIRE_OF_KIND: Readonly<Record<UpstreamErrorKind, readonly [code: number, status: string]>> = {
  invalid_request: [400, 'INVALID_ARGUMENT'],
  context_length: [400, 'INVALID_ARGUMENT'],
  content_policy: [400, 'INVALID_ARGUMENT'],
  too_large: [413, 'INVALID_ARGUMENT'],
  authentication: [401, 'UNAUTHENTICATED'],
  permission: [403, 'PERMISSION_DENIED'],
  not_found: [404, 'NOT_FOUND'],
  rate_limited: [429, 'RESOURCE_EXHAUSTED'],
  quota_exceeded: [429, 'RESOURCE_EXHAUSTED'],
  server_error: [500, 'INTERNAL'],
  malformed: [502, 'INTERNAL'],
  connection: [502, 'INTERNAL'],
  overloaded: [503, 'UNAVAILABLE'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
};

/** Reasons that keep apart, in `ErrorInfo`, what Google's statuses throw together. */
const REASON_OF_KIND: Partial<Record<UpstreamErrorKind, string>> = {
  context_length: 'CONTEXT_LENGTH_EXCEEDED',
  content_policy: 'CONTENT_POLICY',
  quota_exceeded: 'QUOTA_EXCEEDED',
  too_large: 'PAYLOAD_TOO_LARGE',
};

/** Reads an error response. `code` is the `ErrorInfo` reason where there is one, otherwise the status. Never throws. */
export function decodeError(status: number, body: string): UpstreamErrorInfo {
  const parsed = jsonOrUndefined(body);
  const error = errorMember(parsed);
  if (error === undefined)
    return { kind: kindOfStatus(status), message: boundedMessage(statusSentence(status, body)), status };
  return { ...errorInfo(error, status), status };
}

/** The error object in a body or a stream's event; streams without `alt=sse` wrap it into an array. */
export function errorMember(value: unknown): JsonObject | undefined {
  const body: unknown = Array.isArray(value) ? (value as unknown[])[0] : value;
  return isObject(body) && isObject(body.error) ? body.error : undefined;
}

/** The error object itself (google.rpc.Status with an HTTP code). */
export function errorInfo(error: JsonObject, httpStatus?: number): UpstreamErrorInfo {
  const code = typeof error.code === 'number' ? error.code : httpStatus;
  const word = typeof error.status === 'string' ? error.status : undefined;
  const text = typeof error.message === 'string' ? boundedMessage(error.message) : '';
  const message = text === '' ? 'The provider reported an error without a message.' : text;
  const details = Array.isArray(error.details) ? (error.details as readonly unknown[]).filter(isObject) : [];
  const reason = details.map((detail) => detail.reason).find((value) => typeof value === 'string');
  const ofWord = word !== undefined && Object.hasOwn(KIND_OF_STATUS, word) ? KIND_OF_STATUS[word] : undefined;
  const kind = kindOrStatus(ofWord, code);
  return {
    kind: finerKind(kind, message, reason, details),
    message,
    ...given('code', (reason ?? word)?.slice(0, 100)),
    ...given('param', violatedField(details)),
  };
}

function finerKind(
  kind: UpstreamErrorKind,
  message: string,
  reason: string | undefined,
  details: readonly JsonObject[],
): UpstreamErrorKind {
  const named = Object.entries(REASON_OF_KIND).find(([, word]) => word === reason);
  if (named !== undefined) return named[0] as UpstreamErrorKind;
  if (kind === 'rate_limited') {
    // A bound a minute passes by itself; a bound a day or used-up credit does not.
    const spent = details.some(
      ({ violations }) =>
        Array.isArray(violations) &&
        violations.some(
          (one: unknown) => isObject(one) && typeof one.quotaId === 'string' && /PerDay/.test(one.quotaId),
        ),
    );
    return spent || /credits? (?:are|is) depleted|spend(?:ing)? cap/i.test(message) ? 'quota_exceeded' : kind;
  }
  if (kind !== 'invalid_request') return kind;
  if (
    reason === 'API_KEY_INVALID' ||
    reason === 'API_KEY_EXPIRED' ||
    /API key (?:not valid|expired)/i.test(message)
  )
    return 'authentication';
  if (/location is not supported/i.test(message)) return 'permission';
  if (/token count|maximum number of (?:input )?tokens/i.test(message)) return 'context_length';
  if (/payload size exceeds/i.test(message)) return 'too_large';
  return kind;
}

/** The first field of a `BadRequest` detail. */
function violatedField(details: readonly JsonObject[]): string | undefined {
  for (const detail of details) {
    const violations = Array.isArray(detail.fieldViolations) ? (detail.fieldViolations as unknown[]) : [];
    const first = violations.find(isObject);
    if (typeof first?.field === 'string') return first.field.slice(0, 200);
  }
  return undefined;
}

/** An error for a client of the Gemini API. */
export function encodeError(error: UpstreamErrorInfo): EncodedError {
  return { status: WIRE_OF_KIND[error.kind][0], body: { error: errorObject(error) } };
}

/** The member `error`, also of a stream's event. */
export function errorObject(error: UpstreamErrorInfo): JsonObject {
  const [code, status] = WIRE_OF_KIND[error.kind];
  const reason = REASON_OF_KIND[error.kind] ?? (error.code === status ? undefined : error.code);
  const details: JsonObject[] = [];
  if (reason !== undefined)
    details.push({ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'parallax' });
  if (error.param !== undefined)
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: error.param, description: error.message }],
    });
  return { code, message: error.message, status, ...(details.length === 0 ? {} : { details }) };
}
