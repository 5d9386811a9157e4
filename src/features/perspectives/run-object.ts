import { ParallaxError } from '../../platform/errors.ts';

type RunObjects = Env['PERSPECTIVE_RUN'];
export type RunObject = ReturnType<RunObjects['get']>;

/**
 * Asks a run's object. `repeatable` says that asking twice comes to the same as asking once; then a call that the platform could not finish
 * (the object was moved, restarted or cut off) is repeated once, never one that an overloaded object refused
 * (https://developers.cloudflare.com/durable-objects/best-practices/error-handling/). Throws `ParallaxError` `unavailable` when
 * the object cannot be reached; an exception out of the object's own code is a defect and is thrown as it is.
 */
export async function callRun<T>(
  objects: RunObjects,
  id: string,
  repeatable: boolean,
  call: (object: RunObject) => Promise<T>,
): Promise<T> {
  // A stub that has thrown may be broken for good: each attempt gets its own.
  const attempt = () => call(objects.getByName(id));
  try {
    return await attempt();
  } catch (error) {
    const failure = platformFailure(error);
    if (failure === null) throw error;
    if (!repeatable || !failure.retryable) throw unreachable(error);
  }
  try {
    return await attempt();
  } catch (error) {
    throw platformFailure(error) === null ? error : unreachable(error);
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

function unreachable(cause: unknown): ParallaxError {
  return new ParallaxError(
    'unavailable',
    'The run cannot be reached at the moment. It goes on by itself; please ask again.',
    { retryAfterMs: 1_000, cause },
  );
}
