import { queryOptions } from '@tanstack/react-query';
import type { SessionView } from '../../src/contracts/accounts.ts';
import { get, Refused } from './api.ts';

/** Who is signed in; null for nobody. */
export const session = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<SessionView | null> => {
    try {
      return await get<SessionView>('/v1/session');
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 30_000,
});

/** Where to go on after signing in: a path of ours, whatever the address says. */
export function nextPath(search: string): string {
  const wanted = new URLSearchParams(search).get('next') ?? '/overview';
  const url = new URL(wanted, window.location.origin);
  return url.origin === window.location.origin && wanted.startsWith('/') && !wanted.startsWith('//')
    ? `${url.pathname}${url.search}`
    : '/overview';
}
