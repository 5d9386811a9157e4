import type { Admission } from '../../platform/http/context.ts';
import { NANO_PER_USD, type Nano } from '../../platform/money.ts';
import type { ModelTarget } from '../providers/index.ts';
import type { Surface } from './surface.ts';

/** What an answer's headers say. */
export interface AnswerFacts {
  readonly surface: Surface;
  readonly requestId: string;
  readonly rate: Admission['rate'];
  /** Of calls that count tokens. */
  readonly tokens?: Admission['tokens'];
  readonly contentType: string;
  /** Null where no model answered. */
  readonly target: Pick<ModelTarget, 'modelId' | 'provider'> | null;
  /** What it cost; null where it is not known yet. */
  readonly cost: Nano | null;
  readonly more?: Readonly<Record<string, string>>;
}

/** All headers of an answer at once: adding them one by one to a response costs more than making it. */
export function answerHeaders(facts: AnswerFacts): Record<string, string> {
  const { surface, requestId, rate, tokens, target, cost } = facts;
  const reset = Math.ceil(rate.resetMs / 1_000);
  const headers: Record<string, string> = {
    'content-type': facts.contentType,
    'request-id': requestId,
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'ratelimit-policy': `"${rate.name}";q=${rate.limit}`,
    ratelimit: `"${rate.name}";r=${rate.remaining};t=${reset}`,
  };
  if (surface.errorShape === 'anthropic') {
    headers['anthropic-ratelimit-requests-limit'] = String(rate.limit);
    headers['anthropic-ratelimit-requests-remaining'] = String(rate.remaining);
    headers['anthropic-ratelimit-requests-reset'] = new Date(Date.now() + rate.resetMs).toISOString();
  } else {
    headers['x-ratelimit-limit-requests'] = String(rate.limit);
    headers['x-ratelimit-remaining-requests'] = String(rate.remaining);
    headers['x-ratelimit-reset-requests'] = `${reset}s`;
  }
  if (tokens !== undefined) addTokens(headers, surface, tokens);
  if (target !== null) {
    headers['x-parallax-model'] = target.modelId;
    headers['x-parallax-provider'] = target.provider;
  }
  if (cost !== null) headers['x-parallax-cost-usd'] = dollars(cost);
  return facts.more === undefined ? headers : Object.assign(headers, facts.more);
}

function addTokens(
  headers: Record<string, string>,
  { errorShape }: Surface,
  { limit, remaining, resetMs }: NonNullable<Admission['tokens']>,
): void {
  if (errorShape === 'anthropic') {
    headers['anthropic-ratelimit-tokens-limit'] = String(limit);
    headers['anthropic-ratelimit-tokens-remaining'] = String(remaining);
    headers['anthropic-ratelimit-tokens-reset'] = new Date(Date.now() + resetMs).toISOString();
    return;
  }
  headers['x-ratelimit-limit-tokens'] = String(limit);
  headers['x-ratelimit-remaining-tokens'] = String(remaining);
  headers['x-ratelimit-reset-tokens'] = `${Math.ceil(resetMs / 1_000)}s`;
}

/** An amount in dollars as a decimal without an exponent, as short as it is exact: `0.00001234`. */
export function dollars(amount: Nano): string {
  const whole = Math.floor(amount / NANO_PER_USD);
  const rest = amount - whole * NANO_PER_USD;
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
}
