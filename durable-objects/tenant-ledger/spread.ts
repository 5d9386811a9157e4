import { BUCKET_KINDS, type BucketKind } from '../../src/contracts/ledger.ts';

/** Credit of one kind from one source, of which something is left. */
export interface LiveBucket {
  readonly id: string;
  /** Rises with each bucket made. */
  readonly position: number;
  readonly kind: BucketKind;
  readonly left: number;
  readonly expiresAt: number | null;
}

/**
 * The order in which buckets are spent: kinds in the order of `BUCKET_KINDS`; within a kind what expires sooner, then what is older. Total, so that
 * the same ledger always spends the same. Pure.
 */
export function spendingOrder(a: LiveBucket, b: LiveBucket): number {
  const never = Number.POSITIVE_INFINITY;
  return (
    BUCKET_KINDS.indexOf(a.kind) - BUCKET_KINDS.indexOf(b.kind) ||
    compare(a.expiresAt ?? never, b.expiresAt ?? never) ||
    a.position - b.position
  );
}

/** Infinity less infinity is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/**
 * How an amount is taken from buckets, in their order; what they do not have is left over. Pure.
 */
export function spread(
  amount: number,
  inOrder: readonly LiveBucket[],
): { readonly taken: ReadonlyMap<string, number>; readonly rest: number } {
  const taken = new Map<string, number>();
  let rest = amount;
  for (const bucket of inOrder) {
    if (rest === 0) break;
    const part = Math.min(rest, bucket.left);
    if (part === 0) continue;
    taken.set(bucket.id, part);
    rest -= part;
  }
  return { taken, rest };
}
