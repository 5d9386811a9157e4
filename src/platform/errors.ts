/**
 * The closed set of things that can go wrong towards a client: each code has a status, a title and a page in the docs.
 * Rich reasons stay inside (`cause`, logs); what leaves is one plain sentence that says what happened and what to do.
 */
export const ERROR_CODES = {
  malformed_request: { status: 400, title: 'The request cannot be read' },
  invalid_request: { status: 400, title: 'The provider did not accept the request' },
  context_length_exceeded: { status: 400, title: 'The prompt is too long for the model' },
  content_policy_violation: { status: 400, title: 'The provider’s content policy refused the prompt' },
  unsupported_parameter: { status: 400, title: 'The model cannot do that' },
  model_unpriced: { status: 400, title: 'The model’s price is not known' },
  unauthenticated: { status: 401, title: 'No valid credential' },
  max_cost_exceeded: { status: 402, title: 'The request would cost more than it may' },
  insufficient_credit: { status: 402, title: 'Not enough credit' },
  quota_exceeded: { status: 402, title: 'The month’s quota is used up' },
  payment_refused: { status: 402, title: 'The payment was refused' },
  insufficient_scope: { status: 403, title: 'The credential does not allow this' },
  forbidden: { status: 403, title: 'The role does not allow this' },
  origin_refused: { status: 403, title: 'This origin is not allowed' },
  not_found: { status: 404, title: 'Not found' },
  billing_unavailable: { status: 404, title: 'This deployment takes no payments' },
  model_not_found: { status: 404, title: 'No such model' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'Conflict with the present state' },
  payload_too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'Unsupported content type' },
  invalid_parameter: { status: 422, title: 'A field has a value that is not accepted' },
  idempotency_mismatch: { status: 422, title: 'The idempotency key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something failed on our side' },
  upstream_failed: { status: 502, title: 'The model provider failed' },
  provider_key_refused: { status: 502, title: 'The provider did not accept its key' },
  no_provider_key: { status: 503, title: 'No usable provider key' },
  upstream_overloaded: { status: 503, title: 'The model provider is overloaded' },
  provider_quota_exceeded: { status: 503, title: 'The provider key has no quota left' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  upstream_timeout: { status: 504, title: 'The model provider did not answer in time' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorOptions {
  /** The field that is wrong, as a path: `models[2].model`. */
  readonly param?: string;
  /** When to come back, in milliseconds; becomes `Retry-After` in whole seconds, rounded up. */
  readonly retryAfterMs?: number;
  /** More members for the problem document, e.g. an estimate. Must hold nothing secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that may be shown: `message` is a sentence for the person, free of internals and secrets. */
export class ParallaxError extends Error {
  override readonly name = 'ParallaxError';
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details ?? {};
  }

  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}

/**
 * What a Durable Object's RPC answers instead of throwing: an exception loses its class and fields on the way between isolates,
 * so an expected refusal travels as a value and becomes an exception again on the caller's side with `unwrap`.
 */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorRecord };

export interface ErrorRecord extends Omit<ErrorOptions, 'cause'> {
  readonly code: ErrorCode;
  readonly message: string;
}

/** Runs `work`, turning a `ParallaxError` into a value that survives RPC. Any other error is a defect and is thrown. */
export async function outcome<T>(work: () => Promise<T> | T): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (!(error instanceof ParallaxError)) throw error;
    return { ok: false, error: errorRecord(error) };
  }
}

/** The serializable form of an error. */
export function errorRecord(error: ParallaxError): ErrorRecord {
  return {
    code: error.code,
    message: error.message,
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    details: error.details,
  };
}

/** The value, or the error thrown as `ParallaxError`. */
export function unwrap<T>(result: Outcome<T>): T {
  if (result.ok) return result.value;
  const { code, message, ...options } = result.error;
  throw new ParallaxError(code, message, options);
}

/** Any thrown thing as a `ParallaxError`; what we did not foresee becomes `internal`, its reason kept in `cause`. */
export function asParallaxError(error: unknown): ParallaxError {
  if (error instanceof ParallaxError) return error;
  return new ParallaxError('internal', 'Something failed on our side. It was recorded; please try again.', {
    cause: error,
  });
}
