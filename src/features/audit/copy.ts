import { and, asc, desc, eq, gt, gte, like, lt, lte, type SQL } from 'drizzle-orm';
import type { AuditFilters } from '../../contracts/audit.ts';
import { tenantDb } from '../../platform/db.ts';
import { ParallaxError } from '../../platform/errors.ts';
import type { AuditEntry } from './entry.ts';
import { entryOf, rowOf } from './row.ts';
import { auditEntries } from './schema.ts';

/** Rows of one statement: twenty columns each, of 100 parameters. */
const ROWS_AT_ONCE = 5;

/** Writes entries into the copy; those that are there are left as they are. */
export async function writeCopy(
  d1: D1Database,
  tenantId: string,
  entries: readonly AuditEntry[],
): Promise<void> {
  const db = tenantDb(d1, { tenantId });
  for (let at = 0; at < entries.length; at += ROWS_AT_ONCE)
    await db.insert(auditEntries, entries.slice(at, at + ROWS_AT_ONCE).map(rowOf));
}

/** Deletes the copy of entries up to a number. */
export async function deleteCopy(d1: D1Database, tenantId: string, upTo: number): Promise<void> {
  await tenantDb(d1, { tenantId }).delete(auditEntries, lte(auditEntries.seq, upTo));
}

/** Entries that fit, newest first, below a number. */
export async function findEntries(
  d1: D1Database,
  tenantId: string,
  filters: AuditFilters,
  { below, limit }: { readonly below: number | null; readonly limit: number },
): Promise<AuditEntry[]> {
  const rows = await tenantDb(d1, { tenantId }).select(auditEntries, {
    where: and(conditionOf(filters), below === null ? undefined : lt(auditEntries.seq, below)),
    orderBy: desc(auditEntries.seq),
    limit,
  });
  return rows.map(entryOf);
}

/** Entries of the copy with a number above `after`, in their order, to compare them with the chain. */
export async function copiedEntries(
  d1: D1Database,
  tenantId: string,
  after: number,
  upTo: number,
): Promise<AuditEntry[]> {
  const rows = await tenantDb(d1, { tenantId }).select(auditEntries, {
    where: and(gt(auditEntries.seq, after), lte(auditEntries.seq, upTo)),
    orderBy: asc(auditEntries.seq),
    // One more than there should be: a copy can also have too many.
    limit: upTo - after + 1,
  });
  return rows.map(entryOf);
}

function conditionOf(filters: AuditFilters): SQL | undefined {
  const { actor_id, user_id, action, target_type, target_id, from, to, min_risk } = filters;
  return and(
    actor_id === undefined ? undefined : eq(auditEntries.actorId, actor_id),
    user_id === undefined ? undefined : eq(auditEntries.userId, user_id),
    action === undefined ? undefined : actionCondition(action),
    target_type === undefined ? undefined : eq(auditEntries.targetType, target_type),
    target_id === undefined ? undefined : eq(auditEntries.targetId, target_id),
    from === undefined ? undefined : gte(auditEntries.at, Date.parse(from)),
    to === undefined ? undefined : lt(auditEntries.at, Date.parse(to)),
    min_risk === undefined ? undefined : gte(auditEntries.risk, min_risk),
  );
}

/** A whole action, or the beginning of several: `api_key.*`. */
function actionCondition(action: string): SQL {
  if (!action.endsWith('*')) return eq(auditEntries.action, action);
  const beginning = action.slice(0, -1);
  if (!/^[a-z_.]*$/.test(beginning)) {
    throw new ParallaxError(
      'invalid_parameter',
      'An action is written like `api_key.created` or `api_key.*`.',
      { param: 'action' },
    );
  }
  // `_` stands for any one character in LIKE: what else it would let in is not an action that exists.
  return like(auditEntries.action, `${beginning}%`);
}
