import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { asProblem, fieldErrors, type Problem } from './problem.ts';

export interface Act<Input, Output> {
  readonly act: (...input: [Input] extends [undefined] ? [] : [Input]) => void;
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly output: Output | undefined;
  /** What went wrong at one of these fields, for a `Form`; undefined when it was none of them. */
  readonly errorsAt: (...names: readonly string[]) => Readonly<Record<string, string>> | undefined;
  /** What went wrong that is not said at one of these fields. */
  readonly problemBeside: (...names: readonly string[]) => Problem | null;
  readonly reset: () => void;
}

/**
 * Something that changes something. While it is under way a second press does nothing; afterwards the lists that it concerns are asked for anew, and `after` is told.
 */
export function useAct<Input = undefined, Output = unknown>(
  work: (input: Input) => Promise<Output>,
  options: {
    readonly changes?: readonly QueryKey[];
    readonly after?: (output: Output, input: Input) => void;
    readonly failed?: (problem: Problem, input: Input) => void;
  } = {},
): Act<Input, Output> {
  const client = useQueryClient();
  // As it is now, not as it was drawn: `after` may hand `act` on, to a press that takes things back.
  const underWay = useRef(false);
  const mutation = useMutation({
    mutationFn: work,
    onSuccess: async (output, input) => {
      await Promise.all((options.changes ?? []).map((queryKey) => client.invalidateQueries({ queryKey })));
      options.after?.(output, input);
    },
    onError: (error, input) => options.failed?.(asProblem(error), input),
    onSettled: () => {
      underWay.current = false;
    },
  });
  const problem = mutation.error === null ? null : asProblem(mutation.error);
  return {
    act: (...input) => {
      if (underWay.current) return;
      underWay.current = true;
      mutation.mutate(input[0] as Input);
    },
    busy: mutation.isPending,
    problem,
    output: mutation.data,
    errorsAt: (...names) => fieldErrors(problem, names) ?? undefined,
    problemBeside: (...names) => (fieldErrors(problem, names) === null ? problem : null),
    reset: () => {
      underWay.current = false;
      mutation.reset();
    },
  };
}
