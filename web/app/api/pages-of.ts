import { type InfiniteData, type QueryKey, useInfiniteQuery } from '@tanstack/react-query';
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

/** A list that comes page by page. `lookAgain` says of what is loaded in how many milliseconds to load it anew, while the page is looked at; false for not by itself. */
export function usePages<Row>(
  key: QueryKey,
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>,
  { lookAgain }: { readonly lookAgain?: (rows: readonly Row[]) => number | false } = {},
): PagedList<Row> {
  const query = useInfiniteQuery<Page<Row>, Error, InfiniteData<Page<Row>>, QueryKey, string | undefined>({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: (last) => (last.has_more ? (last.next_cursor ?? undefined) : undefined),
    ...(lookAgain === undefined
      ? {}
      : {
          refetchInterval: ({ state }) => lookAgain(state.data?.pages.flatMap(({ data }) => data) ?? []),
        }),
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

/** All of a list that comes page by page, one page after the other: for lists to choose from. */
export async function everyPage<Row>(
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await load(cursor, signal);
    rows.push(...page.data);
    cursor = page.has_more ? (page.next_cursor ?? undefined) : undefined;
  } while (cursor !== undefined);
  return rows;
}
