/** An error that goes out as a status and a body in the format's own shape. */

export class Fault extends Error {
  readonly status: number;
  readonly param: string | null;
  /** OpenAI's `code`, such as `model_not_found`; null where it has none. */
  readonly code: string | null;
  /** Anthropic's `details.error_code`, which its clients act on; null where it has none. */
  readonly detail: string | null;
  /** Seconds for `Retry-After`; null sends none. */
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    message: string,
    more: { param?: string; code?: string; detail?: string; retryAfterSeconds?: number | null } = {},
  ) {
    super(message);
    this.name = 'Fault';
    this.status = status;
    this.param = more.param ?? null;
    this.code = more.code ?? null;
    this.detail = more.detail ?? null;
    this.retryAfterSeconds = more.retryAfterSeconds ?? null;
  }
}
