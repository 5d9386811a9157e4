import type { ReactNode } from 'react';

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  /** What it is sorted by; without it the column cannot be sorted. */
  readonly sort?: ((row: Row) => string | number | null) | undefined;
  /** Figures stand to the right. */
  readonly align?: 'right' | undefined;
  /** The narrowest window that it is shown in; in all of them unless said. */
  readonly from?: 'sm' | 'md' | 'lg' | 'xl' | undefined;
  /** Classes of its width. */
  readonly width?: string | undefined;
}

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

/** A sort as it stands in a URL: `name`, or `-name` for the other way round. Pure. */
export function readSort(text: string | undefined): Sort | null {
  if (text === undefined || text === '' || text === '-') return null;
  return text.startsWith('-')
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false };
}

export function writeSort(sort: Sort | null): string | undefined {
  if (sort === null) return undefined;
  return sort.descending ? `-${sort.column}` : sort.column;
}

/** What a press on a column's head makes of the sort: up, down, as it came. Pure. */
export function nextSort(sort: Sort | null, column: string): Sort | null {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}

/** The rows in order. What has no value comes last, either way; equal ones stay as they came. Pure. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | null,
): readonly Row[] {
  const by = columns.find(({ id }) => id === sort?.column)?.sort;
  if (by === undefined || sort === null) return rows;
  const way = sort.descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [left, right] = [by(a), by(b)];
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
    if (typeof left === 'string' && typeof right === 'string') return way * left.localeCompare(right, 'en');
    return left === right ? 0 : left < right ? -way : way;
  });
}
