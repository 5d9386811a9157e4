import { challengeOf } from '../features/oauth/index.ts';
import type { ParallaxError } from '../platform/errors.ts';

/** JSON-RPC: the body is not JSON. */
const PARSE_ERROR = -32_700;
/** JSON-RPC: our own fault. */
const INTERNAL_ERROR = -32_603;
/** JSON-RPC leaves -32000 to -32099 to the server; the HTTP status and `data.code` say which refusal it is. */
const SERVER_REFUSED = -32_000;

/**
 * A refusal of the whole HTTP request, before or outside the protocol: JSON-RPC error without an id, which both revisions allow as the body of an HTTP error. A 401 carries the
 * challenge of RFC 6750, section 3: bare when no credential was sent, `invalid_token` when one was.
 */
export function refusal(error: ParallaxError, request: Request, requestId: string, origin: string): Response {
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  if (error.retryAfterMs !== undefined)
    headers.set('retry-after', String(Math.max(1, Math.ceil(error.retryAfterMs / 1000))));
  if (error.status === 401) headers.set('www-authenticate', challenge(request, origin));
  if (error.code === 'insufficient_scope' && typeof error.details.scope === 'string')
    headers.set(
      'www-authenticate',
      challengeOf(origin, 'insufficient_scope', error.details.scope.split(' ')),
    );
  const body = {
    jsonrpc: '2.0',
    id: null,
    error: {
      code: jsonRpcCode(error),
      message: error.message,
      data: { ...error.details, code: error.code, request_id: requestId },
    },
  };
  return new Response(JSON.stringify(body), { status: error.status, headers });
}

function challenge(request: Request, origin: string): string {
  const shown = request.headers.has('authorization') || request.headers.has('x-api-key');
  return challengeOf(origin, shown ? 'invalid_token' : undefined);
}

function jsonRpcCode(error: ParallaxError): number {
  if (error.code === 'malformed_request') return PARSE_ERROR;
  return error.status === 500 ? INTERNAL_ERROR : SERVER_REFUSED;
}
