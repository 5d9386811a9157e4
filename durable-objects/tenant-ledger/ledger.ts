import { PLANS } from '../../src/contracts/plans.ts';
import type {
  Bucket,
  Credit,
  CreditAnswer,
  CreditQuestion,
  Debit,
  LedgerOperation,
  LedgerPlan,
  LedgerStanding,
  LedgerTransaction,
  Refund,
  RefundResult,
  Reserve,
  Revoke,
  SetPlan,
  Settle,
  Settlement,
  SettleResult,
} from '../../src/features/metering/index.ts';
import { CREDIT_LEASE_MS, lendCredit } from '../../src/features/metering/index.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import { nano, withMarkup } from '../../src/platform/money.ts';
import { Account } from './account.ts';
import type { LedgerDatabase } from './database.ts';
import { FOR_GOOD, Holdings, nextEnd } from './holdings.ts';
import { planOf, setPlan } from './plan.ts';
import { knownIds, transactionById, transactionsBefore } from './transactions.ts';

/** The account and what is reserved of it, within one transaction. */
interface Books {
  readonly account: Account;
  readonly holdings: Holdings;
  readonly now: number;
}

/**
 * A tenant's ledger over a database: every operation is one transaction, idempotent by its id, and leaves the books balanced. What has expired is
 * returned before anything else is decided.
 */
export class Ledger {
  readonly #db: LedgerDatabase;

  constructor(db: LedgerDatabase) {
    this.#db = db;
  }

  /** Whether the books were opened. */
  get isOpen(): boolean {
    return this.#db.all('SELECT 1 FROM ledger').length > 0;
  }

  /** Opens the books, with the credit that a tenant begins with and when that ends; opening again changes nothing. */
  open(credit: number, now: number, expiresAt: number | null = null): void {
    this.#db.transaction(() => {
      const fresh = this.#db.all(
        'INSERT INTO ledger VALUES (1, 0, 0, 0, 0, 0, 0, ?) ON CONFLICT DO NOTHING RETURNING 1',
        now,
      );
      if (fresh.length === 0 || credit <= 0) return;
      const account = new Account(this.#db);
      account.add({ kind: 'promotional', expiresAt }, credit, {
        id: 'opening',
        at: now,
        type: 'bonus',
        reference: { type: 'opening', id: 'opening' },
        reason: 'Credit that a tenant begins with',
      });
      account.save();
    });
  }

  credit(operation: Credit, now: number): LedgerTransaction {
    amountOf(operation.amount);
    return this.#change(now, ({ account }) => {
      const { id, type, bucket, amount, expiresAt, reference, reason } = operation;
      const before = transactionById(this.#db, id);
      if (before !== undefined) return same(before, { type, amount, short: 0, reference });
      const entry = { id, at: now, type, reference, reason };
      const added = account.add({ kind: bucket, expiresAt }, amount, entry);
      // What an unlimited tenant was lent may be more than there is: then less is there to pay with.
      const pays = Math.min(account.owed, amount, Math.max(0, account.balance - account.reserved));
      if (pays > 0) {
        account.owe(-pays);
        account.take(
          pays,
          {
            id: `${id}/owed`,
            at: now,
            type: 'adjustment',
            reference: { type: 'credit', id },
            reason: 'Pays what was owed from a refund',
          },
          id,
        );
      }
      return added;
    });
  }

  debit(operation: Debit, now: number): LedgerTransaction {
    amountOf(operation.amount);
    return this.#change(now, ({ account }) => {
      const { id, amount, reference, reason } = operation;
      const before = transactionById(this.#db, id);
      if (before !== undefined)
        return same(before, { type: 'adjustment', amount: -amount, short: 0, reference });
      if (amount > account.balance - account.reserved) throw insufficient(amount, account.available);
      return account.take(amount, { id, at: now, type: 'adjustment', reference, reason });
    });
  }

  refund(operation: Refund, now: number): RefundResult {
    amountOf(operation.amount);
    return this.#change(now, ({ account }) => {
      const { id, creditId, amount, reference, reason } = operation;
      const before = transactionById(this.#db, id);
      if (before === undefined) {
        const [bucket] = this.#db.all<{ open: number }>(
          'SELECT granted - refunded AS open FROM buckets WHERE id = ?',
          creditId,
        );
        if (bucket === undefined) throw new ParallaxError('not_found', `There is no purchase "${creditId}".`);
        if (amount > bucket.open) {
          throw new ParallaxError(
            'invalid_parameter',
            'The refund is larger than what is left to refund of that purchase.',
            { param: 'amount', details: { refundable_nano_usd: bucket.open } },
          );
        }
        this.#db.all('UPDATE buckets SET refunded = refunded + ? WHERE id = ?', amount, creditId);
        const taken = account.take(amount, { id, at: now, type: 'refund', reference, reason }, creditId);
        account.owe(taken.short);
        return { taken: Math.abs(taken.amount), owed: taken.short };
      }
      same(before, { type: 'refund', amount: before.amount, short: amount + before.amount, reference });
      return { taken: Math.abs(before.amount), owed: before.short };
    });
  }

  /** Takes back what is left of a credit. Throws `not_found` for one that was never given. */
  revoke(operation: Revoke, now: number): { readonly taken: number } {
    return this.#change(now, ({ account }) => {
      const { id, creditId, reference, reason } = operation;
      const before = transactionById(this.#db, id);
      if (before !== undefined) {
        same(before, { type: 'adjustment', amount: before.amount, short: 0, reference });
        return { taken: Math.abs(before.amount) };
      }
      if (transactionById(this.#db, creditId) === undefined)
        throw new ParallaxError('not_found', `There is no credit "${creditId}".`);
      const left = account.live.find((bucket) => bucket.id === creditId)?.left ?? 0;
      const amount = Math.max(0, Math.min(left, account.balance - account.reserved));
      const entry = { id, at: now, type: 'adjustment', reference, reason } as const;
      return { taken: Math.abs(account.take(amount, entry, creditId).amount) };
    });
  }

  /** Holds, or holds longer when it is told a later end. What is over stays over: 0 is held then. */
  reserve(operation: Reserve, now: number): { readonly reserved: number } {
    amountOf(operation.amount);
    return this.#change(now, ({ account, holdings }) => {
      const { id, amount, expiresAt, reference } = operation;
      const known = holdings.reservation(id);
      if (known !== undefined) {
        if (known.state !== 'held') return { reserved: 0 };
        if (known.amount !== amount) throw mismatch(id);
        if (later(expiresAt, known.expiresAt)) holdings.extend(id, expiresAt);
        return { reserved: amount };
      }
      if (transactionById(this.#db, settlingId(id)) !== undefined) return { reserved: 0 };
      if (amount > account.available) throw insufficient(amount, account.available);
      holdings.hold(id, amount, expiresAt, now, reference);
      return { reserved: amount };
    });
  }

  settle(operation: Settle, now: number): SettleResult {
    if (operation.cost !== 0) amountOf(operation.cost);
    return this.#change(now, ({ account, holdings }) => {
      const { id, cost, reference, reason } = operation;
      const before = transactionById(this.#db, settlingId(id));
      if (before !== undefined) {
        if (before.short - before.amount !== cost) throw mismatch(id);
        return { charged: Math.abs(before.amount), uncollected: before.short };
      }
      // Without a cost there is no transaction: that it is over is what is remembered, and for good, as a transaction would be.
      const known = holdings.reservation(id);
      if (known?.state === 'settled') {
        if (cost !== 0) throw mismatch(id);
        return { charged: 0, uncollected: 0 };
      }
      holdings.end(id, 'settled', cost === 0 ? FOR_GOOD : now);
      if (cost === 0) return { charged: 0, uncollected: 0 };
      const taken = account.take(cost, { id: settlingId(id), at: now, type: 'usage', reference, reason });
      return { charged: Math.abs(taken.amount), uncollected: taken.short };
    });
  }

  /** Gives a reservation back. After it was settled nothing changes; told before it was made, it cannot be made any more. */
  release(operation: LedgerOperation, now: number): { readonly released: number } {
    return this.#change(now, ({ holdings }) => {
      const known = holdings.reservation(operation.id);
      if (known !== undefined && known.state !== 'held') return { released: 0 };
      return { released: holdings.end(operation.id, 'released', now) };
    });
  }

  /**
   * What an isolate says and asks: charges its calls against what it was lent and what is available beyond, then lends anew.
   */
  sync(question: CreditQuestion, now: number): CreditAnswer {
    return this.#change(now, (books) => {
      const { leaseId, settlements, held, leaseMs = CREDIT_LEASE_MS } = question;
      const { markupBasisPoints } = PLANS[planOf(this.#db).plan];
      const added = question.beforeMarkup === true ? markupBasisPoints : 0;
      const needed = withMarkup(nano(question.needed), added);
      const wanted = withMarkup(nano(question.wanted), added);
      this.#charge(books, leaseId, settlements);
      const { account, holdings } = books;
      const lent = holdings.lease(leaseId);
      const free = account.available + lent;
      const next = lendCredit({ free, lent, held, needed, wanted });
      holdings.lend(leaseId, next, now + leaseMs);
      return { lent: next, leaseMs, available: free - next, markupBasisPoints };
    });
  }

  setPlan(operation: SetPlan): LedgerPlan {
    return this.#db.transaction(() => setPlan(this.#db, operation));
  }

  plan(): LedgerPlan {
    return planOf(this.#db);
  }

  markUnlimited(unlimited: boolean, now: number): void {
    this.#change(now, ({ account }) => account.markUnlimited(unlimited));
  }

  /** Returns what has expired. Throws for books that were never opened. */
  expire(now: number): void {
    this.#change(now, () => undefined);
  }

  /** How the books stand at a time. */
  standing(now: number): LedgerStanding {
    return this.#change(now, ({ account }) => ({
      balance: account.balance,
      reserved: account.reserved,
      available: Math.max(0, account.available),
      owed: account.owed,
      unlimited: account.unlimited,
      seq: account.seq,
      buckets: account.live.map(({ id, kind, left, expiresAt }): Bucket => ({ id, kind, left, expiresAt })),
    }));
  }

  transactions(before: number | null, limit: number): readonly LedgerTransaction[] {
    return transactionsBefore(this.#db, before, limit);
  }

  /** When something ends by itself next, in milliseconds; null when nothing does. */
  nextEnd(now: number): number | null {
    return nextEnd(this.#db, now);
  }

  /** Charges calls, each once by its id: first what the isolate was lent. Few statements however many calls: an isolate tells a second's at once. */
  #charge({ account, holdings, now }: Books, leaseId: string, settlements: readonly Settlement[]): void {
    if (settlements.length === 0) return;
    for (const { cost } of settlements) amountOf(cost);
    const known = new Set(
      knownIds(
        this.#db,
        settlements.map(({ callId }) => callId),
      ),
    );
    let lent = holdings.lease(leaseId);
    for (const { callId, cost } of settlements) {
      if (known.has(callId)) continue;
      known.add(callId);
      const part = Math.min(lent, cost);
      lent -= part;
      account.reserve(-part);
      const reference = { type: 'call', id: callId };
      account.take(cost, { id: callId, at: now, type: 'usage', reference, reason: 'Model call' });
    }
    holdings.keepLease(leaseId, lent);
  }

  /** One transaction: nothing of it stays when `work` throws. */
  #change<T>(now: number, work: (books: Books) => T): T {
    return this.#db.transaction(() => {
      const account = new Account(this.#db);
      const holdings = new Holdings(this.#db, account);
      holdings.expire(now);
      account.expire(now);
      const result = work({ account, holdings, now });
      account.save();
      return result;
    });
  }
}

/** The transaction that settles a reservation. */
const settlingId = (id: string) => `settle:${id}`;

function later(a: number | null, b: number | null): boolean {
  return (a ?? Number.POSITIVE_INFINITY) > (b ?? Number.POSITIVE_INFINITY);
}

/** Throws for what is no amount of money: a caller's defect, refused before anything is written. */
function amountOf(amount: number): void {
  if (Number.isSafeInteger(amount) && amount > 0) return;
  throw new ParallaxError('invalid_parameter', 'An amount must be a whole number of nano-dollars above 0.', {
    param: 'amount',
  });
}

/** What was told before, when it is the same that is told now. Throws `idempotency_mismatch`. */
function same(
  before: LedgerTransaction,
  now: Pick<LedgerTransaction, 'type' | 'amount' | 'short' | 'reference'>,
): LedgerTransaction {
  const alike =
    before.type === now.type &&
    before.amount === now.amount &&
    before.short === now.short &&
    before.reference.type === now.reference.type &&
    before.reference.id === now.reference.id;
  if (!alike) throw mismatch(before.id);
  return before;
}

function mismatch(id: string): ParallaxError {
  return new ParallaxError(
    'idempotency_mismatch',
    `The operation "${id}" was done before with other content.`,
  );
}

function insufficient(needed: number, available: number): ParallaxError {
  return new ParallaxError('insufficient_credit', 'There is not enough credit available.', {
    details: { needed_nano_usd: needed, available_nano_usd: Math.max(0, available) },
  });
}
