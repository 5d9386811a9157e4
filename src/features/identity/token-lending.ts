import { type Bucket, type BucketRule, fullBucket, lendable, refilled, waitFor } from './token-bucket.ts';

/** What an isolate says of a user's tokens in a tenant, and asks. */
export interface TokenQuestion {
  /** What the requests that wait there need in all; 0 when none waits. */
  readonly needed: number;
  /** The smallest of them: lending less would let nobody in. */
  readonly least: number;
  /** What it would like to be lent, so that it need not ask again soon. */
  readonly wanted: number;
  /** Lent before and not used. Below 0: used beyond what was lent, by answers that were longer than expected. */
  readonly unused: number;
}

/** What it is lent, and how the bucket stands after it. */
export interface TokensLent {
  readonly lent: number;
  /** What is left in the bucket; below 0 where more was used than there was. */
  readonly left: number;
  readonly rule: BucketRule;
  readonly leaseMs: number;
}

/** What something that goes on apart from its isolate, as a run does, says in the end of the tokens that were taken for it. */
export interface TokensSettled {
  /** Names what was taken: it is settled once. */
  readonly id: string;
  /** Taken and not used. Below 0: used beyond. */
  readonly unused: number;
}

/** How long an isolate may use what it was lent, in milliseconds. */
export const TOKEN_LEASE_MS = 5_000;

/**
 * Lends tokens of a bucket. A request that needs more than the bucket ever holds is let in when it is full, and leaves it below 0: those that come after wait until
 * it is paid for. Pure.
 */
export function lendTokens(
  bucket: Bucket | undefined,
  rule: BucketRule,
  { needed, least, wanted, unused }: TokenQuestion,
  now: number,
): { readonly bucket: Bucket; readonly lent: TokensLent } {
  const before = refilled(bucket ?? fullBucket(rule, now), rule, now);
  const tokens = Math.min(rule.burst, before.tokens + unused);
  const enough = tokens >= Math.min(least, rule.burst);
  const lent = enough ? Math.max(least, lendable(tokens, needed, wanted)) : 0;
  const left = tokens - lent;
  return { bucket: { tokens: left, at: now }, lent: { lent, left, rule, leaseMs: TOKEN_LEASE_MS } };
}

/** Milliseconds until there are so many tokens, or a full bucket for what is larger, of so many that are there now. Pure. */
export function tokensWait(rule: BucketRule, there: number, tokens: number): number {
  return waitFor({ tokens: there, at: 0 }, rule, tokens);
}
