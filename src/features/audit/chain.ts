import { createHash } from 'node:crypto';
import type { AuditFault } from '../../contracts/audit.ts';
import { canonicalJson } from '../../platform/canonical-json.ts';
import type { AuditEntry, NewAuditEntry } from './entry.ts';

/** A place in a chain: what comes next is `seq + 1` and refers to `hash`. */
export interface ChainPlace {
  readonly seq: number;
  readonly hash: string;
}

/** SHA-256 of a value as canonical JSON (RFC 8785), 64 lower-case hex digits. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Where a tenant's chain begins: each tenant's is its own, so that no entry fits into another's. Pure. */
export function beginningOf(tenantId: string): ChainPlace {
  return { seq: 0, hash: digestOf({ chain: 'parallax audit', version: 1, tenantId }) };
}

/** Gives an entry its place after another: number, link and hash over all of it. Pure. */
export function link(entry: NewAuditEntry, { seq, hash: previous }: ChainPlace): AuditEntry {
  const placed = { ...fieldsOf(entry), seq: seq + 1, previous };
  return { ...placed, hash: digestOf(placed) };
}

/** The hash that an entry should have. Pure. */
export function hashOf(entry: AuditEntry): string {
  return digestOf({ ...fieldsOf(entry), seq: entry.seq, previous: entry.previous });
}

export interface ChainBreak {
  readonly seq: number;
  readonly kind: Extract<AuditFault, 'changed' | 'missing' | 'out_of_order'>;
}

/**
 * Follows a chain over some entries, in the order in which they are stored, from a known place. Stops at the first that does not fit: what comes
 * after a break cannot be judged. Pure.
 */
export function follow(
  from: ChainPlace,
  entries: readonly AuditEntry[],
): { readonly place: ChainPlace; readonly broken: ChainBreak | null } {
  let place = from;
  for (const entry of entries) {
    const kind = faultOf(entry, place);
    if (kind !== null) return { place, broken: { seq: place.seq + 1, kind } };
    place = { seq: entry.seq, hash: entry.hash };
  }
  return { place, broken: null };
}

function faultOf(entry: AuditEntry, { seq, hash }: ChainPlace): ChainBreak['kind'] | null {
  if (entry.seq > seq + 1) return 'missing';
  if (entry.seq <= seq) return 'out_of_order';
  if (entry.previous !== hash || hashOf(entry) !== entry.hash) return 'changed';
  return null;
}

/** Exactly the fields that are hashed, whatever else an object carries. */
function fieldsOf(entry: NewAuditEntry): NewAuditEntry {
  const { id, at, actor, action, target, before, after, changed, requestId, ip, country, userAgent, risk } =
    entry;
  return {
    id,
    at,
    actor: { type: actor.type, id: actor.id, userId: actor.userId },
    action,
    target: { type: target.type, id: target.id },
    before,
    after,
    changed,
    requestId,
    ip,
    country,
    userAgent,
    risk,
  };
}
