import type { LedgerReference } from '../../src/contracts/ledger.ts';
import type { Account } from './account.ts';
import type { LedgerDatabase } from './database.ts';

/** `held` until one of the others; those are for good. */
export type ReservationState = 'held' | 'settled' | 'released' | 'expired';

export interface Reservation {
  readonly id: string;
  readonly state: ReservationState;
  readonly amount: number;
  readonly expiresAt: number | null;
}

interface ReservationRow extends Record<string, string | number | null> {
  id: string;
  state: ReservationState;
  amount: number;
  expires_at: number | null;
}

/** How long it is remembered that a reservation is over, so that a late `reserve` does not hold again. Milliseconds. */
export const OVER_AGE_MS = 7 * 24 * 60 * 60 * 1000;
/** As the time of an end that is never forgotten. */
export const FOR_GOOD = Number.MAX_SAFE_INTEGER;
/** Reservations forgotten at a time. */
const FORGET_AT_ONCE = 200;

/** What is reserved of the account: reservations by name, and what isolates were lent. Changes `account.reserved` with its rows. */
export class Holdings {
  readonly #db: LedgerDatabase;
  readonly #account: Account;

  constructor(db: LedgerDatabase, account: Account) {
    this.#db = db;
    this.#account = account;
  }

  reservation(id: string): Reservation | undefined {
    const [row] = this.#db.all<ReservationRow>(
      'SELECT id, state, amount, expires_at FROM reservations WHERE id = ?',
      id,
    );
    return (
      row && {
        id: row.id,
        state: row.state,
        amount: row.amount,
        expiresAt: row.expires_at,
      }
    );
  }

  hold(id: string, amount: number, expiresAt: number | null, now: number, reference: LedgerReference): void {
    this.#db.all(
      "INSERT INTO reservations VALUES (?, 'held', ?, ?, ?, ?, ?)",
      id,
      amount,
      expiresAt,
      now,
      reference.type,
      reference.id,
    );
    this.#account.reserve(amount);
  }

  /** Lets a held reservation live longer. */
  extend(id: string, expiresAt: number | null): void {
    this.#db.all('UPDATE reservations SET expires_at = ? WHERE id = ?', expiresAt, id);
  }

  /** Ends a reservation; one that never was is remembered as over, so that it cannot come after its end. Returns what it held. */
  end(id: string, state: Exclude<ReservationState, 'held'>, now: number): number {
    const known = this.reservation(id);
    if (known === undefined) {
      this.#db.all("INSERT INTO reservations VALUES (?, ?, 0, NULL, ?, '', '')", id, state, now);
      return 0;
    }
    const held = known.state === 'held' ? known.amount : 0;
    this.#account.reserve(-held);
    this.#db.all(
      'UPDATE reservations SET state = ?, amount = 0, expires_at = NULL, at = ? WHERE id = ?',
      state,
      now,
      id,
    );
    return held;
  }

  lease(id: string): number {
    const [row] = this.#db.all<{ amount: number }>('SELECT amount FROM leases WHERE id = ?', id);
    return row?.amount ?? 0;
  }

  lend(id: string, amount: number, expiresAt: number): void {
    this.#account.reserve(amount - this.lease(id));
    if (amount === 0) this.#db.all('DELETE FROM leases WHERE id = ?', id);
    else {
      this.#db.all(
        'INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET amount = excluded.amount, expires_at = excluded.expires_at',
        id,
        amount,
        expiresAt,
      );
    }
  }

  /** Writes what is left of what an isolate was lent, after what it spent was taken out of `account.reserved`. */
  keepLease(id: string, amount: number): void {
    this.#db.all('UPDATE leases SET amount = ? WHERE id = ?', amount, id);
  }

  /** Returns what nobody came for in time, and forgets what has long been over. */
  expire(now: number): void {
    const leases = this.#db.all<{ amount: number }>(
      'DELETE FROM leases WHERE expires_at <= ? RETURNING amount',
      now,
    );
    for (const { amount } of leases) this.#account.reserve(-amount);
    const ended = this.#db.all<{ id: string }>(
      "SELECT id FROM reservations WHERE state = 'held' AND expires_at <= ?",
      now,
    );
    for (const { id } of ended) this.end(id, 'expired', now);
    this.#db.all(
      "DELETE FROM reservations WHERE id IN (SELECT id FROM reservations WHERE state <> 'held' AND at < ? ORDER BY at LIMIT ?)",
      now - OVER_AGE_MS,
      FORGET_AT_ONCE,
    );
  }
}

/** When a bucket is looked at again that has expired under a hold. Milliseconds. */
const LOOK_AGAIN_MS = 60_000;

/** When the next reservation, lease or bucket ends by itself, in milliseconds; null when none does. */
export function nextEnd(db: LedgerDatabase, now: number): number | null {
  const [row] = db.all<{ at: number | null }>(
    `SELECT min(at) AS at FROM (
      SELECT min(expires_at) AS at FROM leases
      UNION ALL SELECT min(expires_at) FROM reservations WHERE state = 'held'
      UNION ALL SELECT min(CASE WHEN expires_at <= ? THEN ? ELSE expires_at END) FROM buckets WHERE left > 0)`,
    now,
    now + LOOK_AGAIN_MS,
  );
  return row?.at ?? null;
}
