/** No wait longer than this is believed: a header that asks for more is a mistake or mischief. */
const MAX_WAIT_MS = 24 * 60 * 60_000;

/**
 * When to come back, in milliseconds from `now`: `retry-after-ms` (OpenAI, Azure), else `Retry-After` in seconds or as an HTTP date
 * (RFC 9110, section 10.2.3). Undefined when neither is there or can be read; a moment that has passed is 0.
 */
export function retryAfterOf(headers: Headers, now: number): number | undefined {
  const exact = number(headers.get('retry-after-ms'));
  if (exact !== undefined) return bounded(exact);
  const text = headers.get('retry-after')?.trim();
  if (text === undefined || text === '') return undefined;
  const seconds = number(text);
  if (seconds !== undefined) return bounded(seconds * 1000);
  // Only the three date forms of RFC 9110 begin with a day's name; anything else that Date.parse takes is not one.
  const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : bounded(date - now);
}

/** Google says it in the error's body instead: `google.rpc.RetryInfo`, `"retryDelay": "30s"`. */
export function retryDelayIn(body: string): number | undefined {
  const match = /"retryDelay"\s*:\s*"(\d{1,6}(?:\.\d{1,9})?)s"/.exec(body);
  return match?.[1] === undefined ? undefined : bounded(Number(match[1]) * 1000);
}

/** OpenAI's and Anthropic's clients follow this header before any rule of their own. */
export function shouldRetryOf(headers: Headers): boolean | undefined {
  const value = headers.get('x-should-retry');
  return value === 'true' ? true : value === 'false' ? false : undefined;
}

function number(text: string | null): number | undefined {
  return text !== null && /^\s*\d{1,12}(?:\.\d{1,9})?\s*$/.test(text) ? Number(text) : undefined;
}

function bounded(milliseconds: number): number {
  return Math.min(Math.max(0, Math.ceil(milliseconds)), MAX_WAIT_MS);
}
