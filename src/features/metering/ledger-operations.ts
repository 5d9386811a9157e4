import type { BucketKind, LedgerReference, TransactionType } from '../../contracts/ledger.ts';
import type { PlanId } from '../../contracts/plans.ts';
import type { Outcome } from '../../platform/errors.ts';

/**
 * The operations of a tenant's ledger. Each is idempotent by its `id`: told again, in any order and however late, it changes nothing and answers
 * as it did the first time; told again with other content it is refused with `idempotency_mismatch`. Amounts are whole nano-dollars above 0.
 */
export interface LedgerOperation {
  readonly tenantId: string;
  /** Names the operation for good. Callers derive it from what caused it (`stripe:evt_…/…`), so that a repeat has the same. */
  readonly id: string;
}

/** Adds credit. */
export interface Credit extends LedgerOperation {
  readonly type: Extract<TransactionType, 'purchase' | 'bonus' | 'allocation' | 'adjustment'>;
  readonly bucket: BucketKind;
  readonly amount: number;
  /** When what is left of it ends, in milliseconds; null for never. */
  readonly expiresAt: number | null;
  readonly reference: LedgerReference;
  /** A sentence for the person who reads the transaction. */
  readonly reason: string;
}

/**
 * Takes credit away, an operator's correction. Refused with `insufficient_credit` when less is available: nothing that is reserved is taken.
 */
export interface Debit extends LedgerOperation {
  readonly amount: number;
  readonly reference: LedgerReference;
  readonly reason: string;
}

/**
 * Takes back a purchase or a part of it, because the money was given back or charged back outside. What is not there any more becomes a debt, which the
 * next credit pays first. Refused with `invalid_parameter` when it is more than is left to refund of that purchase.
 */
export interface Refund extends LedgerOperation {
  /** The id of the `Credit` that is taken back. */
  readonly creditId: string;
  readonly amount: number;
  readonly reference: LedgerReference;
  readonly reason: string;
}

/**
 * Takes back what is left of a credit that was given, because what it was given for is gone. What was spent or is reserved stays: it makes no debt. Once by its
 * id, whatever is left later.
 */
export interface Revoke extends LedgerOperation {
  /** The id of the `Credit` that is taken back. */
  readonly creditId: string;
  readonly reference: LedgerReference;
  readonly reason: string;
}

export interface RefundResult {
  /** What was taken from the balance. */
  readonly taken: number;
  /** What had been spent, and is owed now. */
  readonly owed: number;
}

/** Holds credit for something to come: a run, a job, a disputed payment. Refused with `insufficient_credit`. */
export interface Reserve extends LedgerOperation {
  readonly amount: number;
  /** When it returns by itself, in milliseconds; null for never. */
  readonly expiresAt: number | null;
  readonly reference: LedgerReference;
}

/**
 * Charges what something cost, and gives the rest of its reservation back. `id` is the reservation's. A cost beyond the reservation is charged
 * from what is available; what even that cannot pay is not collected. Without a reservation (it expired, or was never made) the same rule holds.
 */
export interface Settle extends LedgerOperation {
  readonly cost: number;
  readonly reference: LedgerReference;
  readonly reason: string;
}

export interface SettleResult {
  readonly charged: number;
  /** What the tenant had not, and the platform bears. */
  readonly uncollected: number;
}

/** Puts a tenant on a plan. What is known of a later time stands: told late, or again, it changes nothing. */
export interface SetPlan extends LedgerOperation {
  readonly plan: PlanId;
  /** People paid for; 1 where the plan is not per seat. */
  readonly seats: number;
  /** The begin of a paid month, in milliseconds: quotas begin anew on its day and hour of each month. Null: the tenant's months stay as they are. */
  readonly anchorAt: number | null;
  /** Of when this is known, in milliseconds. */
  readonly asOf: number;
}

/** What a tenant's plan is. */
export interface LedgerPlan {
  readonly plan: PlanId;
  readonly seats: number;
  readonly anchorAt: number;
  readonly asOf: number;
}

/** A change of the balance, as the ledger keeps it for good. */
export interface LedgerTransaction {
  /** 1, 2, 3 …, without gaps. */
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly type: TransactionType;
  /** Positive where the balance grew. */
  readonly amount: number;
  readonly balanceAfter: number;
  /** What could not be taken: what the platform bears of a call, or what is owed of a refund. */
  readonly short: number;
  /** How `amount` is spread over the buckets, by their ids. */
  readonly buckets: Readonly<Record<string, number>>;
  readonly reference: LedgerReference;
  readonly reason: string;
}

/** Credit of one kind from one source, of which something is left. Named after the transaction that filled it. */
export interface Bucket {
  readonly id: string;
  readonly kind: BucketKind;
  readonly left: number;
  readonly expiresAt: number | null;
}

export interface LedgerStanding {
  readonly balance: number;
  readonly reserved: number;
  /** `balance − reserved`, never below 0. */
  readonly available: number;
  /** Owed from refunds of what had been spent. */
  readonly owed: number;
  /** A tenant of the operator's: never refused for credit, and still recorded. */
  readonly unlimited: boolean;
  readonly buckets: readonly Bucket[];
  /** The seq of the last transaction. */
  readonly seq: number;
}

/** From which available credit on somebody is to be told; null for none. */
export interface SetWatch {
  readonly tenantId: string;
  /** Nano-dollars. */
  readonly threshold: number | null;
  /** When it was decided, in milliseconds: what was decided later holds, in whatever order it is told. */
  readonly asOf: number;
}

/** What a ledger tells billing when available credit is below what is watched for. Told again while it is. */
export interface LowCreditMessage {
  readonly version: 1;
  readonly lowCredit: string;
}

/** What `TenantLedger` answers over RPC to those who change money. */
export interface LedgerOperationsRpc {
  credit(operation: Credit): Promise<Outcome<LedgerTransaction>>;
  debit(operation: Debit): Promise<Outcome<LedgerTransaction>>;
  refund(operation: Refund): Promise<Outcome<RefundResult>>;
  revoke(operation: Revoke): Promise<Outcome<{ readonly taken: number }>>;
  reserve(operation: Reserve): Promise<Outcome<{ readonly reserved: number }>>;
  settle(operation: Settle): Promise<Outcome<SettleResult>>;
  release(operation: LedgerOperation): Promise<Outcome<{ readonly released: number }>>;
  setPlan(operation: SetPlan): Promise<Outcome<LedgerPlan>>;
  plan(tenantId: string): Promise<Outcome<LedgerPlan>>;
  /** Says from which available credit on billing is told. May be repeated. */
  setWatch(operation: SetWatch): Promise<Outcome<void>>;
  /** Marks a tenant as never refused for credit, or takes the mark off. */
  markUnlimited(tenantId: string, unlimited: boolean): Promise<Outcome<void>>;
  /** Transactions with a seq below `before` (from the newest when null), newest first. */
  transactions(
    tenantId: string,
    before: number | null,
    limit: number,
  ): Promise<Outcome<readonly LedgerTransaction[]>>;
}

/** Something that must hold of the books and does not. */
export interface BrokenRule {
  readonly rule: string;
  readonly expected: number;
  readonly found: number;
}

/** The books as they stand. */
export interface LedgerExamination {
  /** The seq of the last transaction; 0 where there is none. */
  readonly seq: number;
  /** The seq of the last transaction before the time that was asked about; 0 where there is none. */
  readonly before: number;
  readonly broken: readonly BrokenRule[];
}

/** Transactions, and up to which seq the mirror was sent them all. */
export interface LedgerPage {
  readonly transactions: readonly LedgerTransaction[];
  readonly mirrored: number;
}

/** What `TenantLedger` answers over RPC to those who compare it with what others know. None of it changes money, or opens books that were not open. */
export interface LedgerExaminationRpc {
  examine(
    tenantId: string,
    question: { readonly from: number | null; readonly whole: boolean },
  ): Promise<LedgerExamination>;
  /** Transactions with a seq above `after`, oldest first. */
  transactionsAfter(tenantId: string, after: number, limit: number): Promise<LedgerPage>;
  /** The transactions with these ids, as far as there are any. */
  transactionsNamed(tenantId: string, ids: readonly string[]): Promise<readonly LedgerTransaction[]>;
  /** Transactions whose ids begin with `prefix` and come after `after`, by id. */
  transactionsOfSource(
    tenantId: string,
    prefix: string,
    after: string,
    limit: number,
  ): Promise<readonly LedgerTransaction[]>;
  /** Sends the mirror transactions that it lost. */
  mirrorAgain(tenantId: string, first: number, last: number): Promise<void>;
  /** Sends the mirror everything, from the first transaction on. */
  mirrorAnew(tenantId: string): Promise<void>;
}
