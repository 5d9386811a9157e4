import type { Allowance, LimitState } from './limits.ts';

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
/** Plain numbers from here on are moments, in seconds since 1970; smaller ones are seconds from now. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;
/** Longer than any limit's period: a header that says more is a mistake. */
const MAX_RESET_MS = 7 * 86_400_000;

/**
 * The limits that an answer's headers tell of: `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` (OpenAI and those who follow it) and
 * `anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`. What cannot be read is left out. `now` is in milliseconds.
 */
export function limitsIn(headers: Headers, now: number): LimitState {
  // Reading a header is a hop into the runtime: most answers have none of these, and of the rest each has one kind.
  const allowance = (remaining: string, limit: string, reset: string) => {
    const left = headers.get(remaining);
    return left === null ? undefined : allowanceIn(headers.get(limit), left, headers.get(reset), now);
  };
  const openai = (what: string) =>
    allowance(`x-ratelimit-remaining-${what}`, `x-ratelimit-limit-${what}`, `x-ratelimit-reset-${what}`);
  const anthropic = (what: string) =>
    allowance(
      `anthropic-ratelimit-${what}-remaining`,
      `anthropic-ratelimit-${what}-limit`,
      `anthropic-ratelimit-${what}-reset`,
    );
  const requests = openai('requests') ?? anthropic('requests');
  const tokens =
    openai('tokens') ??
    tightest([anthropic('tokens'), anthropic('input-tokens'), anthropic('output-tokens')]);
  return { ...(requests === undefined ? {} : { requests }), ...(tokens === undefined ? {} : { tokens }) };
}

/**
 * When a limit is whole again, in milliseconds since 1970: a duration (`6m0s`, `1.5s`, `20ms`), a moment (RFC 3339), or a number of seconds from now or since
 * 1970. Undefined for anything else.
 */
export function resetAt(text: string | null, now: number): number | undefined {
  const value = text?.trim() ?? '';
  if (value === '' || value.length > 40) return undefined;
  const at = momentOf(value, now);
  return at === undefined || !Number.isFinite(at)
    ? undefined
    : Math.min(Math.max(at, now), now + MAX_RESET_MS);
}

function momentOf(value: string, now: number): number | undefined {
  if (/^\d{1,16}(?:\.\d{1,9})?$/.test(value)) {
    const number = Number(value);
    return number >= EPOCH_MS ? number : number >= EPOCH_SECONDS ? number * 1000 : now + number * 1000;
  }
  if (/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[dhms]))+$/.test(value)) {
    let sum = 0;
    for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g))
      sum += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
    return now + sum;
  }
  const date = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}

function allowanceIn(
  limitText: string | null,
  remainingText: string | null,
  resetText: string | null,
  now: number,
): Allowance | undefined {
  const remaining = whole(remainingText);
  const wholeAt = resetAt(resetText, now);
  // Without both there is nothing to count and nothing to wait for.
  if (remaining === undefined || wholeAt === undefined) return undefined;
  const limit = whole(limitText);
  // A limit of nothing is how some servers say that they have none.
  if (limit === 0) return undefined;
  return { ...(limit === undefined || limit < remaining ? {} : { limit }), remaining, at: now, wholeAt };
}

function whole(text: string | null): number | undefined {
  return text !== null && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
}

function tightest(allowances: readonly (Allowance | undefined)[]): Allowance | undefined {
  let least: Allowance | undefined;
  for (const one of allowances)
    if (one !== undefined && (least === undefined || one.remaining < least.remaining)) least = one;
  return least;
}
