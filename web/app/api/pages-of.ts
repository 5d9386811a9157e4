import { type QueryKey, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query';
import type { Problem } from './problem.ts';
import { asProblem } from './problem.ts';

/** A page of a list, as every list of the API comes. */
export interface Page<Row> {
  readonly data: readonly Row[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

export interface PagedList<Row> {
  /** All that has been loaded; undefined before the first page. */
  readonly rows: readonly Row[] | undefined;
  readonly problem: Problem | null;
  readonly more: { readonly has: boolean; readonly loading: boolean; readonly load: () => void };
  readonly retry: () => void;
}

/** A list that comes page by page. */
export function usePages<Row>(
  key: QueryKey,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>,
): PagedList<Row> {
  const query: UseInfiniteQueryResult<{ pages: Page<Row>[] }> = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => (last.has_more ? (last.next_cursor ?? undefined) : undefined),
  });
  return {
    rows: query.data?.pages.flatMap(({ data }) => data),
    problem: query.error === null || query.data !== undefined ? null : asProblem(query.error),
    more: {
      has: query.hasNextPage,
      loading: query.isFetchingNextPage,
      load: () => void query.fetchNextPage(),
    },
    retry: () => void query.refetch(),
  };
}
