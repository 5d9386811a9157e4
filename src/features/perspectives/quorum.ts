/** Where the perspectives of a run stand, for the decision whether to wait on. */
export interface Standing {
  readonly completed: number;
  readonly failed: number;
  readonly total: number;
}

/**
 * What to do after a perspective has ended: `wait`; `finish` (nothing is out any more); `grace` (the quorum is in: give the rest
 * their last time). A quorum that can no longer be reached changes nothing: the rest is waited for, because every answer still counts.
 */
export function afterEnd(standing: Standing, quorum: number | null): 'wait' | 'finish' | 'grace' {
  if (standing.completed + standing.failed >= standing.total) return 'finish';
  if (quorum !== null && standing.completed >= quorum) return 'grace';
  return 'wait';
}

/** The status of a run whose perspectives have all ended. */
export function runStatus(standing: Standing): 'completed' | 'partial' | 'failed' {
  if (standing.completed === 0) return 'failed';
  return standing.completed === standing.total ? 'completed' : 'partial';
}

/**
 * Upstream connections that may wait for headers in one invocation. The platform's bound is six; one is left for the invocation's own
 * needs (recording, health). https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
export const CONNECTIONS_PER_INVOCATION = 5;

/** Splits a fan-out into groups that each fit an invocation of their own, as even as can be. */
export function connectionGroups<T>(items: readonly T[], size: number = CONNECTIONS_PER_INVOCATION): T[][] {
  const count = Math.ceil(items.length / size);
  const groups: T[][] = Array.from({ length: count }, () => []);
  items.forEach((item, index) => {
    groups[index % count]?.push(item);
  });
  return groups;
}
