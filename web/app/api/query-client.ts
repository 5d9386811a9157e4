import { QueryCache, QueryClient } from '@tanstack/react-query';
import { asProblem, Problem } from './problem.ts';

/** Whether asking again may help: no answer came, or the server is in trouble. Pure. */
export function worthRetrying(failures: number, error: unknown): boolean {
  if (!(error instanceof Problem)) return false;
  return failures < 2 && (error.status === 0 || error.status === 502 || error.status === 503);
}

/** What the app knows of the server. `onSignedOut` is told when an answer says that nobody is signed in any more. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        const problem = asProblem(error);
        // Who only asks whether somebody is signed in, as the doors do, hears that nobody is; that is no end of anything.
        if (query.queryKey[0] === 'session' && query.state.data === undefined) return;
        if (problem.status === 401 && problem.reason === 'signed_out') onSignedOut();
      },
    }),
    defaultOptions: {
      queries: { staleTime: 15_000, retry: worthRetrying, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}
