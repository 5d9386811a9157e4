import type { DifferenceKind } from '../../contracts/reconciliation.ts';
import { canonicalJson } from '../../platform/canonical-json.ts';
import type {
  BrokenRule,
  LedgerPage,
  LedgerTransaction,
  ledgerTransactions,
  UsageEvent,
} from '../metering/index.ts';
import { mirrorRow } from '../metering/index.ts';

/** Something that differs between a ledger and what others know. Amounts in whole nano-dollars. */
export interface Difference {
  readonly kind: DifferenceKind;
  /** What differs, so named that it is found again. */
  readonly subject: string;
  readonly expected: string | null;
  readonly found: string | null;
  /** By how much too much (above 0) or too little was found; 0 where no amount differs. */
  readonly amountNano: number;
}

/** Which times a comparison may speak of, in milliseconds. */
export interface Times {
  /** What is younger may still be on its way. */
  readonly settledBefore: number;
  /** Usage events older than this may have been deleted. */
  readonly eventsKeptSince: number;
}

export type MirrorRow = typeof ledgerTransactions.$inferSelect;

/** Rules of the books that do not hold. Pure, as all here. */
export function brokenBooks(broken: readonly BrokenRule[]): Difference[] {
  return broken.map(({ rule, expected, found }) => ({
    kind: 'books',
    subject: rule,
    expected: String(expected),
    found: String(found),
    amountNano: found - expected,
  }));
}

/**
 * A ledger's transactions against the rows of the mirror with the same numbers; what the ledger has not sent yet cannot be missing. Missing rows that
 * follow each other are one difference, `first-last`.
 */
export function compareMirror(
  tenantId: string,
  { transactions, mirrored }: LedgerPage,
  mirror: readonly MirrorRow[],
  { settledBefore }: Pick<Times, 'settledBefore'>,
): Difference[] {
  const rows = new Map(mirror.map((row) => [row.seq, row]));
  const found: Difference[] = [];
  const missing: number[] = [];
  for (const transaction of transactions) {
    const row = rows.get(transaction.seq);
    rows.delete(transaction.seq);
    const expected = mirrorRow(tenantId, transaction);
    if (row === undefined) {
      if (transaction.seq <= mirrored && transaction.at < settledBefore) missing.push(transaction.seq);
    } else if (canonicalJson(row) !== canonicalJson(expected)) {
      found.push({
        kind: 'mirror_differs',
        subject: String(row.seq),
        ...changedFields(expected, row),
        amountNano: row.amountNano - expected.amountNano,
      });
    }
  }
  for (const { first, last } of runsOf(missing)) {
    found.push({
      kind: 'mirror_missing',
      subject: rangeText(first, last),
      expected: `${last - first + 1} transactions`,
      found: null,
      amountNano: 0,
    });
  }
  for (const { seq, id, amountNano } of rows.values())
    found.push({ kind: 'mirror_extra', subject: String(seq), expected: null, found: id, amountNano });
  return found;
}

/** A ledger's charges for calls against the usage events with the same ids. */
export function compareCharges(
  transactions: readonly LedgerTransaction[],
  events: readonly Pick<UsageEvent, 'id' | 'chargeNano'>[],
  { settledBefore, eventsKeptSince }: Times,
): Difference[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const found: Difference[] = [];
  for (const transaction of transactions.filter(isCharge)) {
    const charged = chargeOf(transaction);
    const event = byId.get(transaction.id);
    if (event === undefined) {
      if (transaction.at >= settledBefore || transaction.at < eventsKeptSince) continue;
      found.push({
        kind: 'event_missing',
        subject: transaction.id,
        expected: String(charged),
        found: null,
        amountNano: -charged,
      });
    } else if (event.chargeNano !== charged) {
      found.push({
        kind: 'charge_differs',
        subject: transaction.id,
        expected: String(charged),
        found: String(event.chargeNano),
        amountNano: event.chargeNano - charged,
      });
    }
  }
  return found;
}

/** Usage events that say that something was charged, against the ledger's transactions with the same ids: those that were never charged. */
export function compareEvents(
  events: readonly Pick<UsageEvent, 'id' | 'chargeNano' | 'at'>[],
  transactions: readonly Pick<LedgerTransaction, 'id'>[],
  { settledBefore }: Pick<Times, 'settledBefore'>,
): Difference[] {
  const charged = new Set(transactions.map(({ id }) => id));
  return events
    .filter(({ id, chargeNano, at }) => chargeNano > 0 && at < settledBefore && !charged.has(id))
    .map(({ id, chargeNano }) => ({
      kind: 'not_charged',
      subject: id,
      expected: String(chargeNano),
      found: null,
      amountNano: -chargeNano,
    }));
}

/** Whether a transaction charges a model call. */
export function isCharge({ type, reference }: LedgerTransaction): boolean {
  return type === 'usage' && reference.type === 'call';
}

/** What a call was charged, with what could not be collected. */
function chargeOf({ amount, short }: LedgerTransaction): number {
  return short - amount;
}

/** Numbers that follow each other, as ranges. */
export function runsOf(numbers: readonly number[]): { first: number; last: number }[] {
  const runs: { first: number; last: number }[] = [];
  for (const one of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run.last === one - 1) run.last = one;
    else runs.push({ first: one, last: one });
  }
  return runs;
}

/** `7`, or `7-12`. */
export function rangeText(first: number, last: number): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** What `rangeText` wrote. */
export function rangeOf(text: string): { readonly first: number; readonly last: number } {
  const [first = Number.NaN, last = first] = text.split('-').map(Number);
  return { first, last };
}

function changedFields(expected: MirrorRow, row: MirrorRow): Pick<Difference, 'expected' | 'found'> {
  const fields = (Object.keys(expected) as (keyof MirrorRow)[]).filter(
    (field) => canonicalJson(expected[field]) !== canonicalJson(row[field]),
  );
  const pick = (from: MirrorRow) =>
    JSON.stringify(Object.fromEntries(fields.map((field) => [field, from[field]])));
  return { expected: pick(expected), found: pick(row) };
}
