import type { BucketKind, LedgerReference, TransactionType } from '../../src/contracts/ledger.ts';
import type { LedgerTransaction } from '../../src/features/metering/index.ts';
import type { LedgerDatabase } from './database.ts';
import { type LiveBucket, spendingOrder, spread } from './spread.ts';
import { writeTransactions } from './transactions.ts';

/** What is available to a tenant that is marked unlimited: far beyond any call, and still a safe integer. Nano-dollars. */
const UNLIMITED = 1e15;

/** What is said of a change besides its amount. */
export interface Entry {
  readonly id: string;
  readonly at: number;
  readonly type: TransactionType;
  readonly reference: LedgerReference;
  readonly reason: string;
}

interface LedgerRow extends Record<string, number> {
  balance: number;
  reserved: number;
  owed: number;
  seq: number;
  mirrored: number;
  unlimited: number;
}

interface BucketRow extends Record<string, string | number | null> {
  id: string;
  position: number;
  kind: string;
  left: number;
  expires_at: number | null;
}

/**
 * The account within one transaction of the database: read once, changed in memory, written once by `save`. Keeps what must always hold: the
 * balance is the sum of what is left in the buckets and of all transactions, and nothing reserved is ever taken.
 */
export class Account {
  readonly #db: LedgerDatabase;
  readonly #row: LedgerRow;
  #live: LiveBucket[];
  readonly #dirty = new Map<string, number>();
  readonly #appended: LedgerTransaction[] = [];

  constructor(db: LedgerDatabase) {
    this.#db = db;
    const [row] = db.all<LedgerRow>('SELECT * FROM ledger');
    if (row === undefined) throw new Error('the ledger was not opened');
    this.#row = { ...row };
    this.#live = db
      .all<BucketRow>('SELECT id, position, kind, left, expires_at FROM buckets WHERE left > 0')
      .map(({ id, position, kind, left, expires_at }) => ({
        id,
        position,
        kind: kind as BucketKind,
        left,
        expiresAt: expires_at,
      }))
      .sort(spendingOrder);
  }

  get balance(): number {
    return this.#row.balance;
  }

  get reserved(): number {
    return this.#row.reserved;
  }

  get owed(): number {
    return this.#row.owed;
  }

  get seq(): number {
    return this.#row.seq;
  }

  get unlimited(): boolean {
    return this.#row.unlimited === 1;
  }

  /** What may be reserved or taken now. */
  get available(): number {
    return this.unlimited ? UNLIMITED : this.#row.balance - this.#row.reserved;
  }

  /** Buckets with something left, in the order in which they are spent. */
  get live(): readonly LiveBucket[] {
    return this.#live;
  }

  markUnlimited(unlimited: boolean): void {
    this.#row.unlimited = unlimited ? 1 : 0;
  }

  /** Reserves more, or less again. */
  reserve(change: number): void {
    this.#row.reserved += change;
    if (this.#row.reserved < 0) throw new Error('more was given back than had been reserved');
  }

  owe(change: number): void {
    this.#row.owed += change;
  }

  /** Adds a bucket, named after the transaction that fills it. */
  add(
    bucket: { readonly kind: BucketKind; readonly expiresAt: number | null },
    amount: number,
    entry: Entry,
  ): LedgerTransaction {
    const position = this.#row.seq + 1;
    const { kind, expiresAt } = bucket;
    this.#db.all(
      'INSERT INTO buckets VALUES (?, ?, ?, ?, ?, 0, ?)',
      entry.id,
      position,
      kind,
      amount,
      amount,
      expiresAt,
    );
    this.#live = [...this.#live, { id: entry.id, position, kind, left: amount, expiresAt }].sort(
      spendingOrder,
    );
    return this.#append(entry, amount, 0, new Map([[entry.id, amount]]));
  }

  /**
   * Takes as much of an amount as is available, from `first` where that is named and then in the order of spending, and records the rest as short.
   * An unlimited tenant's calls are taken as far as there is credit.
   */
  take(amount: number, entry: Entry, first?: string): LedgerTransaction {
    const payable = Math.max(0, Math.min(amount, this.#row.balance - this.#row.reserved));
    const inOrder =
      first === undefined
        ? this.#live
        : [...this.#live].sort((a, b) => Number(b.id === first) - Number(a.id === first));
    const { taken, rest } = spread(payable, inOrder);
    if (rest !== 0) throw new Error('the buckets hold less than the balance');
    this.#live = this.#live
      .map((bucket) => {
        const part = taken.get(bucket.id);
        if (part === undefined) return bucket;
        this.#dirty.set(bucket.id, bucket.left - part);
        return { ...bucket, left: bucket.left - part };
      })
      .filter(({ left }) => left > 0);
    const changes = new Map([...taken].map(([id, part]) => [id, -part]));
    return this.#append(entry, 0 - payable, amount - payable, changes);
  }

  /** Ends what is left of buckets that have expired, as far as it is not reserved. */
  expire(now: number): void {
    const ended = this.#live.filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now);
    for (const { id, left } of ended) {
      const free = Math.min(left, this.#row.balance - this.#row.reserved);
      if (free <= 0) continue;
      this.take(
        free,
        {
          id: `expired:${id}:${this.#row.seq}`,
          at: now,
          type: 'adjustment',
          reference: { type: 'credit', id },
          reason: 'expired',
        },
        id,
      );
    }
  }

  /** Writes how the account stands. Nothing of a transaction that ends without it may be kept. */
  save(): void {
    writeTransactions(this.#db, this.#appended);
    for (const [id, left] of this.#dirty) this.#db.all('UPDATE buckets SET left = ? WHERE id = ?', left, id);
    const { balance, reserved, owed, seq, unlimited } = this.#row;
    this.#db.all(
      'UPDATE ledger SET balance = ?, reserved = ?, owed = ?, seq = ?, unlimited = ?',
      balance,
      reserved,
      owed,
      seq,
      unlimited,
    );
  }

  #append(
    { id, at, type, reference, reason }: Entry,
    amount: number,
    short: number,
    changes: ReadonlyMap<string, number>,
  ): LedgerTransaction {
    this.#row.seq += 1;
    this.#row.balance += amount;
    const { seq, balance } = this.#row;
    const transaction = {
      seq,
      id,
      at,
      type,
      amount,
      short,
      balanceAfter: balance,
      buckets: Object.fromEntries(changes),
      reference,
      reason,
    };
    this.#appended.push(transaction);
    return transaction;
  }
}
