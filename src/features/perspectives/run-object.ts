import { callDurable } from '../../platform/durable-call.ts';

type RunObjects = Env['PERSPECTIVE_RUN'];
export type RunObject = ReturnType<RunObjects['get']>;

/** Asks a run's object; `repeatable` and what is thrown are as `callDurable` says. */
export function callRun<T>(
  objects: RunObjects,
  id: string,
  repeatable: boolean,
  call: (object: RunObject) => Promise<T>,
): Promise<T> {
  return callDurable({
    stub: () => objects.getByName(id),
    call,
    repeatable,
    unreachable: 'The run cannot be reached at the moment. It goes on by itself; please ask again.',
  });
}
