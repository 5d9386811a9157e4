import type { Admission } from '../../platform/http/context.ts';
import { writeClientLimit, writeLimit } from '../../platform/http/limit-headers.ts';
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
  const headers: Record<string, string> = {
    'content-type': facts.contentType,
    'request-id': requestId,
    'x-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
  writeLimit(headers, rate.name, rate);
  writeClientLimit(headers, surface.errorShape, 'requests', rate);
  if (tokens !== undefined) writeClientLimit(headers, surface.errorShape, 'tokens', tokens);
  if (target !== null) {
    headers['x-parallax-model'] = target.modelId;
    headers['x-parallax-provider'] = target.provider;
  }
  if (cost !== null) headers['x-parallax-cost-usd'] = dollars(cost);
  return facts.more === undefined ? headers : Object.assign(headers, facts.more);
}

/** An amount in dollars as a decimal without an exponent, as short as it is exact: `0.00001234`. */
export function dollars(amount: Nano): string {
  const whole = Math.floor(amount / NANO_PER_USD);
  const rest = amount - whole * NANO_PER_USD;
  return rest === 0 ? String(whole) : `${whole}.${String(rest).padStart(9, '0').replace(/0+$/, '')}`;
}
