import { ERROR_CODES, type ErrorCode, type ParallaxError } from '../errors.ts';
import { type Limits, writeClientLimit, writeLimit } from './limit-headers.ts';

/** The shapes that clients act on: ours (RFC 9457), OpenAI's, Anthropic's, OAuth's (RFC 6749, section 5.2). */
export type ErrorShape = OperationErrorShape | 'oauth';
/** Those that an operation of the API may have. */
export type OperationErrorShape = 'problem' | 'openai' | 'anthropic';

/** Where the docs explain an error's code. Relative, so that it holds on every deployment. */
export function errorPage(code: ErrorCode): string {
  return `/docs/errors#${code}`;
}

/**
 * An error as a response: body in the asked shape, `request-id`, `Retry-After` (RFC 9110, whole seconds rounded up) and, on 401,
 * the challenge of RFC 6750 without an error code when no credential was sent. `limits` are those of the request, where it was let in before it failed.
 */
export function errorResponse(
  error: ParallaxError,
  shape: ErrorShape,
  requestId: string,
  instance?: string,
  limits?: Limits,
): Response {
  const headers: Record<string, string> = {
    'request-id': requestId,
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-type': shape === 'problem' ? 'application/problem+json' : 'application/json',
  };
  if (error.retryAfterMs !== undefined)
    headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterMs / 1000)));
  if (limits !== undefined) addLimits(headers, limits, shape);
  addRefusal(headers, error, shape);
  if (NOT_WORTH_A_RETRY.has(error.code)) headers['x-should-retry'] = 'false';
  if (error.status === 401) headers['www-authenticate'] = 'Bearer realm="parallax"';
  return new Response(JSON.stringify(errorBody(error, shape, requestId, instance)), {
    status: statusOf(error, shape),
    headers,
  });
}

/** Failures of a provider that asking again does not mend: official clients try every 5xx again unless they are told otherwise. */
const NOT_WORTH_A_RETRY: ReadonlySet<ErrorCode> = new Set([
  'no_provider_key',
  'provider_key_refused',
  'provider_quota_exceeded',
]);

/** The statuses that clients of a shape know: OpenAI and Anthropic answer a wrong value with 400, and Anthropic an overload with 529. */
function statusOf(error: ParallaxError, shape: ErrorShape): number {
  if (shape === 'problem' || shape === 'oauth') return error.status;
  if (error.code === 'invalid_parameter') return 400;
  return shape === 'anthropic' && error.code === 'upstream_overloaded' ? 529 : error.status;
}

/** How the limits stand that let the request in, the same as with an answer. */
function addLimits(headers: Record<string, string>, { rate, tokens }: Limits, shape: ErrorShape): void {
  writeLimit(headers, rate.name, rate);
  writeClientLimit(headers, shape, 'requests', rate);
  if (tokens !== undefined) writeClientLimit(headers, shape, 'tokens', tokens);
}

/** How a limit stands that refused a request, for the limits that are ours. Its details hold the name and the quota. */
function addRefusal(headers: Record<string, string>, error: ParallaxError, shape: ErrorShape): void {
  const { limit, quota } = error.details;
  if (error.code !== 'rate_limited' || typeof quota !== 'number') return;
  if (limit !== 'requests' && limit !== 'perspectives' && limit !== 'tokens') return;
  const state = { limit: quota, remaining: 0, resetMs: Math.max(1, error.retryAfterMs ?? 0) };
  writeLimit(headers, limit, state);
  writeClientLimit(headers, shape, limit === 'tokens' ? 'tokens' : 'requests', state);
}

/** The body alone, for errors inside a stream. */
export function errorBody(
  error: ParallaxError,
  shape: ErrorShape,
  requestId: string,
  instance?: string,
): Record<string, unknown> {
  switch (shape) {
    case 'problem':
      return {
        ...error.details,
        type: errorPage(error.code),
        title: ERROR_CODES[error.code].title,
        status: error.status,
        detail: error.message,
        ...(instance === undefined ? {} : { instance }),
        code: error.code,
        ...(error.param === undefined ? {} : { param: error.param }),
        request_id: requestId,
      };
    case 'openai': {
      const { provider_code: _told, ...details } = error.details;
      return {
        error: {
          message: error.message,
          type: openAiType(error),
          param: error.param ?? null,
          code: openAiCode(error),
          ...details,
        },
      };
    }
    case 'anthropic':
      return {
        type: 'error',
        error: {
          type: anthropicType(statusOf(error, shape)),
          message: error.message,
          ...anthropicDetails(error),
        },
        request_id: requestId,
      };
    case 'oauth':
      return {
        error: oauthCode(error.status),
        error_description: error.message.replaceAll(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '?'),
        request_id: requestId,
      };
  }
}

/** OAuth's `error` by status. */
function oauthCode(status: number): string {
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 ? 'server_error' : 'invalid_request';
}

/** Where Anthropic's clients look for what they can do about an error by themselves (`details.error_code`). */
function anthropicDetails({ details: { provider_code: code } }: ParallaxError): Record<string, unknown> {
  return code === undefined ? {} : { details: { error_code: code } };
}

/** OpenAI's `type` by status, as its API reference lists them. */
function openAiType(error: ParallaxError): string {
  if (error.status === 402) return 'insufficient_quota';
  if (error.status === 401) return 'authentication_error';
  if (error.status === 403) return 'permission_error';
  if (error.status === 429) return 'rate_limit_error';
  if (error.status >= 500) return 'server_error';
  return 'invalid_request_error';
}

/** OpenAI's `code` where clients act on it, a provider's own word for what is wrong with a request, and our own name otherwise. */
function openAiCode(error: ParallaxError): string {
  const { provider_code: code } = error.details;
  if (error.code === 'invalid_request' && typeof code === 'string') return code;
  if (error.code === 'unauthenticated') return 'invalid_api_key';
  if (error.code === 'rate_limited') return 'rate_limit_exceeded';
  return error.code;
}

/** Anthropic's `error.type` by status, as its API reference lists them. */
function anthropicType(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 402:
      return 'billing_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 413:
      return 'request_too_large';
    case 429:
      return 'rate_limit_error';
    case 503:
    case 529:
      return 'overloaded_error';
    case 504:
      return 'timeout_error';
    default:
      return status >= 500 ? 'api_error' : 'invalid_request_error';
  }
}
