import type { DifferenceKind } from '../../contracts/reconciliation.ts';
import { callLedger, type LedgerPage, type LedgerTransaction } from '../metering/index.ts';
import {
  brokenBooks,
  compareCharges,
  compareEvents,
  compareMirror,
  type Difference,
  isCharge,
  rangeOf,
  type Times,
} from './compare.ts';
import { comparePurchases } from './compare-purchases.ts';
import type { Place } from './place.ts';
import type { DifferenceRow } from './schema.ts';
import {
  chargedEvents,
  eventsNamed,
  mirrorBetween,
  mirrorBeyond,
  openDifferences,
  PAGE,
  paymentTransactions,
  purchasesOf,
  type ReconciliationEnv,
} from './tenant-rows.ts';

/** What is compared of a tenant. Times in milliseconds. */
export interface Scope extends Times {
  /** What happened since; null for everything. */
  readonly from: number | null;
  /** What happened before. */
  readonly to: number;
}

/** A piece of the comparison of a tenant. */
export interface Portion {
  readonly differences: readonly Difference[];
  /** Differences that were known, were looked at again, and are gone. */
  readonly gone: readonly DifferenceRow[];
  readonly transactions: number;
  readonly events: number;
  readonly purchases: number;
  readonly done: Place['done'];
}

/** Kinds that are looked at whole each time that a tenant is begun with; the others are by their subjects. */
const WHOLE_KINDS: ReadonlySet<DifferenceKind> = new Set([
  'books',
  'purchase_not_credited',
  'purchase_differs',
  'credit_unexplained',
  'refunds_differ',
]);

/**
 * Compares the next piece of a tenant: first the books themselves, payments, and what had differed before; then transactions with mirror and
 * usage, a page at a time; then usage with transactions. Changes nothing.
 */
export async function reconcilePiece(
  env: ReconciliationEnv,
  tenantId: string,
  scope: Scope,
  done: Place['done'] | null,
): Promise<Portion> {
  if (done === null) return begin(env, tenantId, scope);
  if (done.what === 'transactions') return nextTransactions(env, tenantId, scope, done.seq);
  if (done.what === 'events') return nextEvents(env, tenantId, scope, done);
  return { ...NOTHING, done };
}

const NOTHING = { differences: [], gone: [], transactions: 0, events: 0, purchases: 0 } as const;

async function begin(env: ReconciliationEnv, tenantId: string, scope: Scope): Promise<Portion> {
  const [purchases, open] = await Promise.all([purchasesOf(env, tenantId), openDifferences(env, tenantId)]);
  const payments = await paymentTransactions(env, tenantId);
  const books = await callLedger(env, tenantId, (ledger) =>
    ledger.examine(tenantId, { from: scope.from, whole: scope.from === null }),
  );
  // Read after the ledger's last number, so that one that was mirrored meanwhile may be beyond it: such a one the ledger knows.
  const beyond = await mirrorBeyond(env, tenantId, books.seq);
  const later = await transactionsFrom(env, tenantId, books.seq);
  const whole = [
    ...brokenBooks(books.broken),
    ...comparePurchases(purchases, payments, scope.settledBefore),
    ...compareMirror(tenantId, later, beyond, scope).filter(({ kind }) => kind === 'mirror_extra'),
  ];
  const again = await lookAgain(env, tenantId, scope, open);
  const differences = [...whole, ...again];
  const there = new Set(differences.map(keyOf));
  return {
    differences,
    gone: open.filter((one) => !there.has(keyOf(one))),
    transactions: 0,
    events: 0,
    purchases: purchases.length,
    done: { what: 'transactions', seq: books.before },
  };
}

async function nextTransactions(
  env: ReconciliationEnv,
  tenantId: string,
  scope: Scope,
  seq: number,
): Promise<Portion> {
  const page = await transactionsFrom(env, tenantId, seq);
  const some = page.transactions.filter(({ at }) => at < scope.to);
  const last = some.at(-1);
  const end: Place['done'] = { what: 'events', at: scope.from ?? scope.eventsKeptSince, id: '' };
  if (last === undefined) return { ...NOTHING, done: end };
  const differences = await compareTransactions(env, tenantId, scope, { ...page, transactions: some }, seq);
  const more = page.transactions.length === PAGE && some.length === PAGE;
  return {
    ...NOTHING,
    differences,
    transactions: some.length,
    done: more ? { what: 'transactions', seq: last.seq } : end,
  };
}

async function nextEvents(
  env: ReconciliationEnv,
  tenantId: string,
  scope: Scope,
  after: { readonly at: number; readonly id: string },
): Promise<Portion> {
  const time = {
    from: Math.max(scope.from ?? 0, scope.eventsKeptSince),
    to: Math.min(scope.to, scope.settledBefore),
  };
  const events = await chargedEvents(env, tenantId, time, after);
  const differences = compareEvents(
    events,
    await transactionsNamed(
      env,
      tenantId,
      events.map(({ id }) => id),
    ),
    scope,
  );
  const last = events.at(-1);
  const more = events.length === PAGE && last !== undefined;
  return {
    ...NOTHING,
    differences,
    events: events.length,
    done: more ? { what: 'events', at: last.at, id: last.id } : { what: 'all' },
  };
}

/** Transactions that follow a number against the mirror and the usage events. */
async function compareTransactions(
  env: ReconciliationEnv,
  tenantId: string,
  scope: Times,
  page: LedgerPage,
  after: number,
): Promise<Difference[]> {
  const charges = page.transactions.filter(isCharge);
  const last = page.transactions.at(-1)?.seq ?? after;
  const [mirror, events] = await Promise.all([
    mirrorBetween(env, tenantId, after + 1, last),
    eventsNamed(
      env,
      tenantId,
      charges.map(({ id }) => id),
    ),
  ]);
  return [...compareMirror(tenantId, page, mirror, scope), ...compareCharges(charges, events, scope)];
}

/** What had differed before, as far as it is not looked at whole anyhow. */
async function lookAgain(
  env: ReconciliationEnv,
  tenantId: string,
  scope: Times,
  open: readonly DifferenceRow[],
): Promise<Difference[]> {
  const found: Difference[] = [];
  const isMirror = ({ kind }: DifferenceRow) => kind.startsWith('mirror_');
  for (const { subject } of open.filter(isMirror)) {
    const { first, last } = rangeOf(subject);
    const page = await transactionsFrom(env, tenantId, first - 1);
    const transactions = page.transactions.filter(({ seq }) => seq <= last);
    const mirror = await mirrorBetween(env, tenantId, first, last);
    found.push(...compareMirror(tenantId, { ...page, transactions }, mirror, scope));
  }
  const calls = open
    .filter((one) => !isMirror(one) && !WHOLE_KINDS.has(one.kind))
    .map(({ subject }) => subject);
  const [transactions, events] = await Promise.all([
    transactionsNamed(env, tenantId, calls),
    eventsNamed(env, tenantId, calls),
  ]);
  return [
    ...found,
    ...compareCharges(transactions, events, scope),
    ...compareEvents(events, transactions, scope),
  ];
}

function keyOf({ kind, subject }: Pick<Difference, 'kind' | 'subject'>): string {
  return `${kind}:${subject}`;
}

function transactionsFrom(env: ReconciliationEnv, tenantId: string, after: number): Promise<LedgerPage> {
  return callLedger(env, tenantId, (ledger) => ledger.transactionsAfter(tenantId, after, PAGE));
}

async function transactionsNamed(
  env: ReconciliationEnv,
  tenantId: string,
  ids: readonly string[],
): Promise<readonly LedgerTransaction[]> {
  if (ids.length === 0) return [];
  return callLedger(env, tenantId, (ledger) => ledger.transactionsNamed(tenantId, ids));
}
