import type { Admission, AppContext } from '../../platform/http/context.ts';

/**
 * Counts a request as one of the runs that its user may start. It is counted alone and holds no slot: what it starts goes on in an object of its own.
 * Throws `rate_limited`.
 */
export async function countRun(c: AppContext): Promise<Admission> {
  const admission = c.get('admission');
  if (admission?.rate.name === 'perspectives') {
    admission.release();
    return admission;
  }
  const counted = await c.get('admit')('perspectives');
  counted.release();
  return counted;
}

/** How the limit of runs stands, as headers of an answer (draft-ietf-httpapi-ratelimit-headers). */
export function runRateHeaders({ rate }: Admission): Record<string, string> {
  return {
    'ratelimit-policy': `"${rate.name}";q=${rate.limit}`,
    ratelimit: `"${rate.name}";r=${rate.remaining};t=${Math.ceil(rate.resetMs / 1_000)}`,
  };
}
