import { QUEUE_MS } from './limits.ts';
import type { Surroundings } from './model-caller.ts';
import type { PreparedCall } from './prepare.ts';
import { CANCELLATION, LIMIT_USED_UP, UpstreamFailure } from './upstream-failure.ts';

/** Calls that waited for the same moment come back spread over this long. Milliseconds. */
const SPREAD_MS = 100;

/**
 * Lets a call out as soon as what is known of its key's limit allows it, after `QUEUE_MS` at most. Throws `UpstreamFailure` `rate_limited`, with when to come
 * back, when that is not soon enough or not before `deadline`: nothing was sent then, and another target may be tried.
 */
export async function waitForLimit(
  surroundings: Surroundings,
  { limitId, limitTokens, provider, target }: PreparedCall,
  deadline: number,
  signal: AbortSignal,
): Promise<void> {
  const { keyLimits, clock, random, sleep, log } = surroundings;
  // Counted in waits and not by the clock, so that a clock that is set back cannot hold a call.
  let waited = 0;
  for (;;) {
    const now = clock.now();
    const waitMs = keyLimits.admit(limitId, limitTokens, now);
    if (waitMs === 0) return;
    if (waited + waitMs > QUEUE_MS || now + waitMs >= deadline) {
      log.info('a provider’s limit is used up', { model: target.modelId, waitMs });
      throw new UpstreamFailure(
        {
          kind: 'rate_limited',
          code: LIMIT_USED_UP,
          message: `The limit of ${provider.name} for this key and ${target.modelId} is used up. Come back in ${Math.ceil(waitMs / 1000)} s, or name another model as a fallback.`,
        },
        // Asking the same target again would only find the same.
        { retryAfterMs: waitMs, shouldRetry: false },
      );
    }
    const pause = waitMs + Math.floor(random() * SPREAD_MS);
    waited += pause;
    try {
      await sleep(pause, signal);
    } catch (cause) {
      if (signal.aborted) throw new UpstreamFailure(CANCELLATION);
      throw cause;
    }
    if (signal.aborted) throw new UpstreamFailure(CANCELLATION);
  }
}
