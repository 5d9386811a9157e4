/** Response headers as each provider sends them: request id and rate limits. */
import type { Format } from './ask.ts';
import { hexDigest, idFrom } from './digest.ts';
import type { LeftRequests } from './directives.ts';

const REQUESTS = 10_000;
const TOKENS = 2_000_000;
const MINUTE_MS = 60_000;

/** A request id in the provider's form, different for every request. */
export function requestIdFor(format: Format, seed: string): string {
  const hash = hexDigest('request', seed);
  if (format === 'anthropic') return `req_011C${idFrom(hash, 20)}`;
  return format === 'gemini' ? idFrom(hash, 22) : `req_${hash.slice(0, 32)}`;
}

/** A duration as OpenAI writes it: `6ms`, `1s`, `1m30s`. */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = Math.ceil(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

export interface Standing {
  requestId: string;
  /** Requests in flight and tokens just used, which is what is no longer left. */
  openRequests: number;
  tokens: number;
  /** Milliseconds until the limits are whole again; set when a request was refused for its rate. */
  refusedForMs: number | null;
  /** What a test wants said of the requests that are left. */
  left: LeftRequests | null;
  now: number;
}

/** The headers of an answer. */
export function providerHeaders(format: Format, standing: Standing): { [name: string]: string } {
  const refused = standing.refusedForMs !== null;
  const requests = standing.left === null ? REQUESTS : standing.left.requests + 1;
  const requestsLeft = refused
    ? 0
    : (standing.left?.requests ?? Math.max(0, REQUESTS - standing.openRequests));
  const tokensLeft = Math.max(0, TOKENS - standing.tokens);
  const resetMs =
    standing.refusedForMs ?? standing.left?.resetMs ?? (standing.openRequests * MINUTE_MS) / REQUESTS;
  if (format === 'gemini')
    return {
      'server-timing': 'gfet4t7; dur=1',
      vary: 'Origin, X-Origin, Referer',
      'x-content-type-options': 'nosniff',
    };
  if (format === 'anthropic') {
    const reset = new Date(standing.now + resetMs).toISOString().replace(/\.\d+Z$/, 'Z');
    const headers: { [name: string]: string } = {
      'request-id': standing.requestId,
      'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
    };
    for (const [what, limit, left] of [
      ['requests', requests, requestsLeft],
      ['tokens', TOKENS, tokensLeft],
      ['input-tokens', TOKENS, tokensLeft],
      ['output-tokens', TOKENS, tokensLeft],
    ] as const) {
      headers[`anthropic-ratelimit-${what}-limit`] = `${limit}`;
      headers[`anthropic-ratelimit-${what}-remaining`] = `${left}`;
      headers[`anthropic-ratelimit-${what}-reset`] = reset;
    }
    return headers;
  }
  return {
    'x-request-id': standing.requestId,
    'openai-version': '2020-10-01',
    'openai-organization': 'local',
    'openai-processing-ms': '1',
    'x-ratelimit-limit-requests': `${requests}`,
    'x-ratelimit-limit-tokens': `${TOKENS}`,
    'x-ratelimit-remaining-requests': `${requestsLeft}`,
    'x-ratelimit-remaining-tokens': `${tokensLeft}`,
    'x-ratelimit-reset-requests': duration(resetMs),
    'x-ratelimit-reset-tokens': duration((standing.tokens * MINUTE_MS) / TOKENS),
  };
}
