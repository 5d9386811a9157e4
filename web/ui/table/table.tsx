import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type MouseEvent, type ReactNode, useRef } from 'react';
import { Button } from '../button.tsx';
import { classes } from '../classes.ts';
import { count } from '../format/money.ts';
import { Skeleton } from '../skeleton.tsx';
import { type Column, nextSort, type Sort, sorted } from './column.ts';

export interface TableProps<Row> {
  /** What the table holds, for people who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  /** Undefined while they are loaded for the first time. */
  readonly rows: readonly Row[] | undefined;
  readonly keyOf: (row: Row) => string;
  readonly onOpen?: ((row: Row) => void) | undefined;
  readonly selected?: string | undefined;
  /** Shown instead of the table when there are no rows. */
  readonly empty: ReactNode;
  /** Shown instead of rows when they could not be loaded. */
  readonly failure?: ReactNode | undefined;
  readonly sort?: Sort | null | undefined;
  readonly onSort?: ((sort: Sort | null) => void) | undefined;
  /** Further pages, by cursor. */
  readonly more?: { readonly has: boolean; readonly loading: boolean; readonly load: () => void } | undefined;
  /** Lines that stand for rows while they are loaded. */
  readonly skeletons?: number;
}

const ROW = 36;
/** From so many rows on only those that are seen are in the page. */
const VIRTUAL_FROM = 80;

const FROM = { sm: 'max-sm:hidden', md: 'max-md:hidden', lg: 'max-lg:hidden', xl: 'max-xl:hidden' } as const;

/** Rows of one kind: sortable, with a head that stays, pages by cursor, and nothing in the page that is not seen. */
export function Table<Row>({
  label,
  columns,
  rows,
  keyOf,
  onOpen,
  selected,
  empty,
  failure,
  sort = null,
  onSort,
  more,
  skeletons = 6,
}: TableProps<Row>): ReactNode {
  const scroller = useRef<HTMLElement>(null);
  const all = sorted(rows ?? [], columns, sort);
  const virtual = all.length >= VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: virtual ? all.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  if (failure !== undefined) return failure;
  if (rows !== undefined && rows.length === 0 && more?.has !== true) return empty;

  const window = virtualizer.getVirtualItems();
  const first = virtual ? (window[0]?.index ?? 0) : 0;
  const last = virtual ? (window.at(-1)?.index ?? -1) : all.length - 1;
  const before = virtual ? (window[0]?.start ?? 0) : 0;
  const after = virtual ? virtualizer.getTotalSize() - (window.at(-1)?.end ?? 0) : 0;
  // Sorting a part of a list would show it as if it were the whole.
  const sortable = onSort !== undefined && more?.has !== true;

  return (
    <div>
      <section
        ref={scroller}
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="relative max-h-[calc(100dvh-200px)] min-h-18 overflow-auto rounded-md border border-line focus-visible:-outline-offset-2"
      >
        <table
          className="w-full border-separate border-spacing-0 text-13"
          aria-rowcount={virtual ? all.length + 1 : undefined}
        >
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.id}
                  scope="col"
                  aria-sort={
                    sort?.column === column.id ? (sort.descending ? 'descending' : 'ascending') : undefined
                  }
                  className={classes(
                    'sticky top-0 z-10 h-9 whitespace-nowrap border-line border-b bg-surface-2 px-3 text-left text-12 font-medium text-text-2',
                    column.align === 'right' && 'text-right',
                    column.from !== undefined && FROM[column.from],
                    column.width,
                  )}
                >
                  {column.sort !== undefined && sortable ? (
                    <Sorter column={column} sort={sort} onSort={onSort} />
                  ) : (
                    <span className={column.header.startsWith('(') ? 'sr-only' : ''}>
                      {column.header.replace(/^\(|\)$/g, '')}
                    </span>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody aria-busy={rows === undefined}>
            {rows === undefined &&
              Array.from({ length: skeletons }, (_, line) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: they have nothing but their place
                <SkeletonRow key={line} line={line} columns={columns} />
              ))}
            {before > 0 && <Spacer height={before} columns={columns.length} />}
            {all.slice(first, last + 1).map((row, at) => (
              <TableRow
                key={keyOf(row)}
                row={row}
                columns={columns}
                index={virtual ? first + at + 2 : undefined}
                selected={selected === keyOf(row)}
                onOpen={onOpen}
              />
            ))}
            {after > 0 && <Spacer height={after} columns={columns.length} />}
          </tbody>
        </table>
      </section>
      {rows !== undefined && (
        <div className="flex min-h-8 items-center justify-between gap-3 pt-2 text-12 text-text-3">
          <span>
            {count(rows.length)} {more?.has === true ? 'loaded, there are more' : 'in all'}
          </span>
          {more?.has === true && (
            <Button size="dense" busy={more.loading} onClick={more.load}>
              Load more
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function Sorter<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>;
  sort: Sort | null;
  onSort: ((sort: Sort | null) => void) | undefined;
}): ReactNode {
  const mine = sort?.column === column.id ? sort : null;
  const Arrow = mine?.descending === true ? ArrowDown : ArrowUp;
  return (
    <button
      type="button"
      onClick={() => onSort?.(nextSort(sort, column.id))}
      className={classes(
        'group -mx-1 inline-flex h-7 items-center gap-1 rounded-sm px-1 font-medium hover:text-text',
        mine !== null && 'text-text',
      )}
    >
      {column.header}
      <Arrow
        size={12}
        aria-hidden
        className={mine === null ? 'opacity-0 group-hover:opacity-60 group-focus-visible:opacity-60' : ''}
      />
    </button>
  );
}

function TableRow<Row>({
  row,
  columns,
  index,
  selected,
  onOpen,
}: {
  row: Row;
  columns: readonly Column<Row>[];
  index: number | undefined;
  selected: boolean;
  onOpen: ((row: Row) => void) | undefined;
}): ReactNode {
  const open = (event: MouseEvent) => {
    // A press on something in the row is meant for that.
    if ((event.target as Element).closest('a, button, input, label, [role="menuitem"]') === null)
      onOpen?.(row);
  };
  return (
    <tr
      aria-rowindex={index}
      data-selected={selected || undefined}
      onClick={onOpen === undefined ? undefined : open}
      className={classes(
        'group/row',
        onOpen !== undefined && 'cursor-pointer hover:bg-surface-2',
        selected && 'bg-lit hover:bg-lit!',
      )}
    >
      {columns.map((column, at) => (
        <td
          key={column.id}
          className={classes(
            'h-9 border-line border-b px-3 group-last/row:border-b-0 pointer-coarse:h-12',
            at === 0 ? 'w-full min-w-36 max-w-0 truncate' : 'whitespace-nowrap',
            column.align === 'right' && 'text-right tabular-nums',
            column.from !== undefined && FROM[column.from],
            column.width,
          )}
        >
          {at === 0 && onOpen !== undefined ? (
            <button
              type="button"
              className="max-w-full truncate rounded-sm text-left font-medium"
              onClick={() => onOpen(row)}
            >
              {column.cell(row)}
            </button>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
    </tr>
  );
}

function SkeletonRow<Row>({ line, columns }: { line: number; columns: readonly Column<Row>[] }): ReactNode {
  return (
    <tr>
      {columns.map((column, at) => (
        <td
          key={column.id}
          className={classes(
            'h-9 border-line border-b px-3',
            column.from !== undefined && FROM[column.from],
            column.width,
          )}
        >
          <Skeleton
            className={classes(
              'h-3',
              at === 0
                ? (['w-40', 'w-28', 'w-36'][line % 3] ?? 'w-32')
                : (['w-16', 'w-20', 'w-12'][(line + at) % 3] ?? 'w-16'),
              column.align === 'right' && 'ml-auto',
            )}
          />
        </td>
      ))}
    </tr>
  );
}

/** Stands for the rows that are not in the page. */
function Spacer({ height, columns }: { height: number; columns: number }): ReactNode {
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}
