import { ParallaxError } from './errors.ts';

export interface DurableCall<Stub, T> {
  /** A fresh stub: one that has thrown may be broken for good, so each attempt gets its own. */
  readonly stub: () => Stub;
  readonly call: (stub: Stub) => Promise<T>;
  /** Whether asking twice comes to the same as asking once. */
  readonly repeatable: boolean;
  /** What a person is told when the object cannot be reached. */
  readonly unreachable: string;
}

/**
 * Asks a Durable Object. A repeatable call that the platform could not finish (the object was moved, restarted or cut off) is repeated
 * once, never one that an overloaded object refused
 * (https://developers.cloudflare.com/durable-objects/best-practices/error-handling/). Throws `ParallaxError` `unavailable` when the object
 * cannot be reached; an exception out of the object's own code is a defect and is thrown as it is.
 */
export async function callDurable<Stub, T>({
  stub,
  call,
  repeatable,
  unreachable,
}: DurableCall<Stub, T>): Promise<T> {
  const unavailable = (cause: unknown) =>
    new ParallaxError('unavailable', unreachable, { retryAfterMs: 1_000, cause });
  try {
    return await call(stub());
  } catch (error) {
    const failure = platformFailure(error);
    if (failure === null) throw error;
    if (!repeatable || !failure.retryable) throw unavailable(error);
  }
  try {
    return await call(stub());
  } catch (error) {
    throw platformFailure(error) === null ? error : unavailable(error);
  }
}

/** What the platform says of a failed call; `null` for an exception out of the object's own code. */
function platformFailure(error: unknown): { readonly retryable: boolean } | null {
  if (!(error instanceof Error)) return null;
  const marks = error as Error & {
    readonly retryable?: boolean;
    readonly overloaded?: boolean;
    /** The object was stopped under the call: what it had stored stands, and the next call finds a new one. */
    readonly durableObjectReset?: boolean;
  };
  if (marks.overloaded === true) return { retryable: false };
  if (marks.retryable === true || marks.durableObjectReset === true) return { retryable: true };
  return null;
}
