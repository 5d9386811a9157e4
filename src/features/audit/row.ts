import type { AuditEntryView } from '../../contracts/audit.ts';
import { iso } from '../../platform/clock.ts';
import type { AuditEntry } from './entry.ts';
import type { AuditRow } from './schema.ts';

/** An entry as a row of the copy. */
export function rowOf({ actor, target, ...entry }: AuditEntry): Omit<AuditRow, 'tenantId'> {
  return {
    ...entry,
    actorType: actor.type,
    actorId: actor.id,
    userId: actor.userId,
    targetType: target.type,
    targetId: target.id,
  };
}

/** A row of the copy as the entry that it should be. */
export function entryOf({
  tenantId: _,
  actorType,
  actorId,
  userId,
  targetType,
  targetId,
  ...row
}: AuditRow): AuditEntry {
  return {
    ...row,
    actor: { type: actorType, id: actorId, userId },
    target: { type: targetType, id: targetId },
  };
}

/** An entry as clients see it. */
export function entryView(entry: AuditEntry): AuditEntryView {
  const { id, seq, at, actor, action, target, before, after, changed, risk, previous, hash } = entry;
  return {
    id,
    object: 'audit_entry',
    number: seq,
    created_at: iso(at),
    actor: { type: actor.type, id: actor.id, user_id: actor.userId },
    action,
    target: { type: target.type, id: target.id },
    before,
    after,
    changed: changed === null ? null : [...changed],
    request_id: entry.requestId,
    ip: entry.ip,
    country: entry.country,
    user_agent: entry.userAgent,
    risk,
    previous,
    hash,
  };
}
