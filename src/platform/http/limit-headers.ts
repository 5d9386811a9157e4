import type { ErrorShape } from './error-response.ts';

/** How a limit stands. */
export interface LimitState {
  /** How many may come at once. */
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until it is full again; of a limit that refused a request, until that one may come again. */
  readonly resetMs: number;
}

/** How the limits of a request that was let in stand. */
export interface Limits {
  readonly rate: LimitState & { readonly name: string };
  /** Of a request that has taken tokens. */
  readonly tokens?: LimitState | undefined;
}

/** Writes how a limit stands under its name (draft-ietf-httpapi-ratelimit-headers). */
export function writeLimit(headers: Record<string, string>, name: string, state: LimitState): void {
  headers['ratelimit-policy'] = `"${name}";q=${state.limit}`;
  headers.ratelimit = `"${name}";r=${state.remaining};t=${secondsOf(state)}`;
}

/** Writes the same as the official clients of a shape read it; nothing for shapes that have no clients of their own. */
export function writeClientLimit(
  headers: Record<string, string>,
  shape: ErrorShape,
  what: 'requests' | 'tokens',
  state: LimitState,
): void {
  if (shape === 'anthropic') {
    headers[`anthropic-ratelimit-${what}-limit`] = String(state.limit);
    headers[`anthropic-ratelimit-${what}-remaining`] = String(state.remaining);
    headers[`anthropic-ratelimit-${what}-reset`] = new Date(Date.now() + state.resetMs).toISOString();
  } else if (shape === 'openai') {
    headers[`x-ratelimit-limit-${what}`] = String(state.limit);
    headers[`x-ratelimit-remaining-${what}`] = String(state.remaining);
    headers[`x-ratelimit-reset-${what}`] = `${secondsOf(state)}s`;
  }
}

function secondsOf({ resetMs }: LimitState): number {
  return Math.ceil(resetMs / 1_000);
}
