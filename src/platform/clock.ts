/** The one way to ask what time it is, so that a test can say it. Integer milliseconds since 1970-01-01 UTC. */
export interface Clock {
  now(): number;
}

/** The machine's clock. In a Worker it stands still between I/O operations, by design of the platform. */
export const systemClock: Clock = { now: () => Date.now() };

/** Milliseconds to the ISO 8601 UTC text that leaves the edge. */
export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
