import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { callLedger } from '../metering/index.ts';
import { type Difference, rangeOf } from './compare.ts';
import { keepDifferences } from './difference-store.ts';
import type { Place } from './place.ts';
import { reconcilePiece, type Scope } from './reconcile-tenant.ts';
import type { DifferenceRow } from './schema.ts';
import { type ReconciliationEnv, resolve } from './tenant-rows.ts';
import { keepRound, lastRound, tenantsBehind } from './walk-store.ts';

export interface ReconciliationContext {
  readonly env: ReconciliationEnv;
  readonly clock: Clock;
  readonly log: Logger;
  /** Days that usage events are kept. */
  readonly retentionDays: number;
}

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

/** What is younger than this may be on its way: a call takes up to half an hour, a queue tries again for some minutes. Milliseconds. */
export const SETTLES_WITHIN_MS = HOUR_MS;
/** A round over all tenants begins this long after the one before began, or when that is done. */
export const ROUND_EVERY_MS = 6 * HOUR_MS;
/** How often a round compares everything that there is, and not only what has come since the last. */
const WHOLE_EVERY_MS = 7 * DAY_MS;

/** What one invocation does at most. */
export interface Bounds {
  readonly tenants: number;
  /** Transactions and events. */
  readonly rows: number;
  readonly ms: number;
}
export const BOUNDS: Bounds = { tenants: 100, rows: 20_000, ms: 20_000 };

/** What was compared, and what was found. */
export interface Report {
  readonly tenants: number;
  /** Tenants whose ledger could not be reached. */
  readonly failed: number;
  readonly transactions: number;
  readonly events: number;
  readonly purchases: number;
  readonly differences: readonly DifferenceRow[];
  /** Transactions that the mirror lacked and was sent again. */
  readonly sentAgain: number;
  /** Where it goes on; null when all is done. */
  readonly place: Place | null;
}

export interface ReconcileQuestion {
  /** One tenant, or all. */
  readonly tenantId?: string | undefined;
  readonly from: number | null;
  readonly to?: number | undefined;
  readonly after: Place | null;
}

/**
 * Compares tenants' ledgers with the mirror, with usage and with payments, from a place on and as far as one invocation may go. Differences are kept and
 * logged; rows that the mirror lacks are sent again; nothing else is mended, and no money is moved. May stop anywhere and be repeated.
 */
export async function reconcile(
  context: ReconciliationContext,
  question: ReconcileQuestion,
  bounds: Bounds = BOUNDS,
): Promise<Report> {
  const { env, clock, log, retentionDays } = context;
  const began = clock.now();
  const settledBefore = began - SETTLES_WITHIN_MS;
  const scope: Scope = {
    from: question.from,
    to: question.to ?? began,
    settledBefore: Math.min(settledBefore, question.to ?? settledBefore),
    // A day's margin: what is deleted first is deleted by another clock than ours.
    eventsKeptSince: began - (retentionDays - 1) * DAY_MS,
  };
  const sum = { tenants: 0, failed: 0, transactions: 0, events: 0, purchases: 0, sentAgain: 0 };
  // What had differed before is looked at again first, and may then be met once more on its page.
  const found = new Map<string, DifferenceRow>();
  const report = () => ({ ...sum, differences: [...found.values()] });
  let waiting: string[] = [];
  let place = question.after;
  const nextTenant = async (): Promise<string | undefined> => {
    if (question.tenantId !== undefined) return place === null ? question.tenantId : undefined;
    if (waiting.length === 0) waiting = await tenantsBehind(env, place?.tenantId ?? '', bounds.tenants);
    return waiting.shift();
  };
  for (;;) {
    const spent = sum.tenants + sum.failed >= bounds.tenants || sum.transactions + sum.events >= bounds.rows;
    if (spent || clock.now() - began >= bounds.ms) return { ...report(), place };
    const goesOn: Place | null = place?.done.what === 'all' ? null : place;
    const tenantId = goesOn?.tenantId ?? (await nextTenant());
    if (tenantId === undefined) return { ...report(), place: null };
    try {
      place = await onePiece(tenantId, goesOn?.done ?? null);
    } catch (error) {
      if (question.tenantId !== undefined) throw error;
      // One that cannot be reached does not keep the others from being looked at.
      log.error('a tenant’s ledger could not be compared; it will be another time', {
        tenant: tenantId,
        error,
      });
      sum.failed += 1;
      place = { tenantId, done: { what: 'all' } };
    }
  }

  async function onePiece(tenantId: string, done: Place['done'] | null): Promise<Place> {
    const piece = await reconcilePiece(env, tenantId, scope, done);
    sum.transactions += piece.transactions;
    sum.events += piece.events;
    sum.purchases += piece.purchases;
    if (piece.done.what === 'all') sum.tenants += 1;
    const fresh = piece.differences.filter((one) => !found.has(nameOf(tenantId, one)));
    const kept = await keepDifferences(env, tenantId, fresh, { now: began, log });
    for (const row of kept) found.set(nameOf(tenantId, row), row);
    await resolve(env, tenantId, piece.gone, began);
    sum.sentAgain += await sendAgain(context, tenantId, fresh);
    return { tenantId, done: piece.done };
  }
}

function nameOf(tenantId: string, { kind, subject }: Pick<Difference, 'kind' | 'subject'>): string {
  return `${tenantId}/${kind}/${subject}`;
}

/** Has the ledger send what its mirror lacks. */
async function sendAgain(
  { env, log }: ReconciliationContext,
  tenantId: string,
  differences: readonly Difference[],
): Promise<number> {
  let sent = 0;
  for (const { kind, subject } of differences) {
    if (kind !== 'mirror_missing') continue;
    const { first, last } = rangeOf(subject);
    try {
      await callLedger(env, tenantId, (ledger) => ledger.mirrorAgain(tenantId, first, last));
      sent += last - first + 1;
    } catch (error) {
      log.error('what the mirror lacks could not be sent again', { tenant: tenantId, subject, error });
    }
  }
  return sent;
}

/**
 * Called by cron: goes on with the round over all tenants, or begins the next. A round compares what has happened since the one before began, once a
 * week everything. Never throws.
 */
export async function continueReconciliation(
  context: ReconciliationContext,
  bounds: Bounds = BOUNDS,
): Promise<void> {
  const { env, clock, log } = context;
  try {
    const now = clock.now();
    const last = await lastRound(env);
    if (last?.done === true && now - last.startedAt < ROUND_EVERY_MS) return;
    const round = last === null || last.done ? nextRound(last, now) : last;
    const { place } = await reconcile(context, { from: round.from, after: round.place }, bounds);
    await keepRound(env, { ...round, place });
  } catch (error) {
    log.error('ledgers could not be compared; it goes on another time', { error });
  }
}

type NewRound = Omit<NonNullable<Awaited<ReturnType<typeof lastRound>>>, 'done'>;

/** The round that follows on another. It goes back far enough that what was too young for the last is compared. Pure. */
export function nextRound(last: Pick<NewRound, 'startedAt' | 'wholeAt'> | null, now: number): NewRound {
  if (last === null || now - last.wholeAt >= WHOLE_EVERY_MS)
    return { place: null, from: null, startedAt: now, wholeAt: now };
  return { place: null, from: last.startedAt - 2 * SETTLES_WITHIN_MS, startedAt: now, wholeAt: last.wholeAt };
}
