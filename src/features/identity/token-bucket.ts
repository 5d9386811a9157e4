/**
 * A token bucket (J. Turner, "New Directions in Communications", IEEE Communications Magazine 24(10), 1986): it holds up to `burst` tokens, is
 * refilled evenly, and each request takes one. Times are integer milliseconds. Everything here is pure.
 */
export interface BucketRule {
  /** Tokens that flow in a minute. */
  readonly perMinute: number;
  /** Tokens it holds at most. */
  readonly burst: number;
}

/** How full a bucket was, and when. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** A bucket that nobody has used yet. */
export function fullBucket(rule: BucketRule, now: number): Bucket {
  return { tokens: rule.burst, at: now };
}

/** The bucket as it stands now. A clock that went back, or a rule that shrank, gives nothing away. */
export function refilled(bucket: Bucket, rule: BucketRule, now: number): Bucket {
  const elapsed = Math.max(0, now - bucket.at);
  return { tokens: Math.min(rule.burst, bucket.tokens + (elapsed * rule.perMinute) / 60_000), at: now };
}

/** Takes up to `wanted` whole tokens of a bucket that has just been refilled. */
export function take(bucket: Bucket, wanted: number): { readonly bucket: Bucket; readonly taken: number } {
  const taken = Math.max(0, Math.min(Math.floor(wanted), Math.floor(bucket.tokens)));
  return { bucket: { ...bucket, tokens: bucket.tokens - taken }, taken };
}

/** Gives tokens back that were taken and not used; the bucket never holds more than its burst. */
export function giveBack(bucket: Bucket, rule: BucketRule, count: number): Bucket {
  return { ...bucket, tokens: Math.min(rule.burst, bucket.tokens + Math.max(0, count)) };
}

/** Milliseconds until a refilled bucket has `count` tokens; 0 when it has them. */
export function waitFor(bucket: Bucket, rule: BucketRule, count: number): number {
  const missing = Math.min(count, rule.burst) - bucket.tokens;
  return missing <= 0 ? 0 : Math.ceil((missing * 60_000) / rule.perMinute);
}

/**
 * How many tokens an isolate is lent. What waits there now is let in while there are tokens for it; what it would like beyond, so that it need not ask
 * again soon, is at most a quarter of the rest, so that no isolate keeps from another what it does not use itself.
 */
export function lendable(tokens: number, needed: number, wanted: number): number {
  const whole = Math.floor(tokens);
  if (whole <= needed) return Math.max(0, whole);
  return Math.max(needed, Math.min(wanted, needed + Math.floor((whole - needed) / 4)));
}
