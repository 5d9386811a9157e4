import type { z } from 'zod';
import type { auditVerificationSchema } from '../../contracts/audit.ts';
import { iso } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { type ChainEnds, callAuditChain } from './audit-chain.ts';
import { beginningOf, type ChainPlace, follow, hashOf } from './chain.ts';
import { copiedEntries } from './copy.ts';
import type { AuditEntry } from './entry.ts';
import { Sealer } from './seal.ts';

type Verification = z.infer<typeof auditVerificationSchema>;
type Fault = Verification['faults'][number];

const ENTRIES_AT_ONCE = 1_000;
/** Entries checked for one request. */
const MOST_ENTRIES = 20_000;

/**
 * Checks a tenant's chain from its beginning, or from a cursor: every link, the sealed ends, and the copy in the database. Some thousands of entries
 * at a time. Throws `invalid_parameter` for a cursor that is none.
 */
export async function verifyAudit(
  env: Pick<Env, 'AUDIT_CHAIN' | 'DB'>,
  config: Pick<Config, 'keySigningSecret'>,
  tenantId: string,
  cursor: string | undefined,
): Promise<Verification> {
  const sealer = new Sealer(config);
  const faults: Fault[] = [];
  const { checkpoint, copied } = await callAuditChain(env, tenantId, (chain) => chain.ends(tenantId));
  if (
    checkpoint !== null &&
    !sealer.isGenuine({ what: 'checkpoint', tenantId, ...placeOf(checkpoint) }, checkpoint.seal)
  )
    faults.push(fault(checkpoint.seq, 'bad_seal', 'chain'));
  const start = cursor === undefined ? (checkpoint ?? beginningOf(tenantId)) : readCursor(cursor);
  let place: ChainPlace = placeOf(start);
  let atEnd = false;
  while (!atEnd && faults.length === 0 && place.seq - start.seq < MOST_ENTRIES) {
    const from = place;
    const entries = await callAuditChain(env, tenantId, (chain) =>
      chain.entries(tenantId, from.seq, ENTRIES_AT_ONCE),
    );
    const followed = follow(from, entries);
    place = followed.place;
    if (followed.broken !== null) faults.push(fault(followed.broken.seq, followed.broken.kind, 'chain'));
    const upTo = Math.min(place.seq, copied);
    if (upTo > from.seq) {
      const rows = await copiedEntries(env.DB, tenantId, from.seq, upTo);
      const sound = entries.filter(({ seq }) => seq <= upTo);
      faults.push(...copyFaults(sound, rows));
    }
    atEnd = entries.length < ENTRIES_AT_ONCE;
  }
  if (atEnd && faults.length === 0) {
    const { head } = await callAuditChain(env, tenantId, (chain) => chain.ends(tenantId));
    faults.push(...headFaults(head, place, tenantId, sealer));
  }
  return {
    object: 'audit_verification',
    intact: faults.length === 0,
    checked: { from: start.seq + 1, to: place.seq },
    checkpoint:
      checkpoint === null
        ? null
        : { number: checkpoint.seq, hash: checkpoint.hash, created_at: iso(checkpoint.at) },
    faults,
    next_cursor: atEnd || faults.length > 0 ? null : `${place.seq}.${place.hash}`,
  };
}

/** Whether what was followed ends where the chain is said to end, under seal. An entry that came meanwhile is beyond it. Pure. */
export function headFaults(
  head: ChainEnds['head'],
  place: ChainPlace,
  tenantId: string,
  sealer: Sealer,
): Fault[] {
  if (head === null) return place.seq === 0 ? [] : [fault(place.seq, 'bad_seal', 'chain')];
  if (!sealer.isGenuine({ what: 'head', tenantId, ...placeOf(head) }, head.seal))
    return [fault(head.seq, 'bad_seal', 'chain')];
  if (place.seq < head.seq) return [fault(place.seq + 1, 'cut_off', 'chain')];
  if (place.seq === head.seq && place.hash !== head.hash) return [fault(head.seq, 'changed', 'chain')];
  return [];
}

/** Where the copy differs from the chain, which is known to be sound. Pure. */
export function copyFaults(chain: readonly AuditEntry[], copy: readonly AuditEntry[]): Fault[] {
  const rows = new Map(copy.map((row) => [row.seq, row]));
  const faults: Fault[] = [];
  for (const { seq, hash } of chain) {
    const row = rows.get(seq);
    if (row === undefined) faults.push(fault(seq, 'missing', 'copy'));
    else if (row.hash !== hash || hashOf(row) !== hash) faults.push(fault(seq, 'changed', 'copy'));
    rows.delete(seq);
  }
  for (const seq of rows.keys()) faults.push(fault(seq, 'out_of_order', 'copy'));
  return faults.slice(0, 100);
}

const MESSAGES: Readonly<Record<Fault['kind'], string>> = {
  changed: 'This entry, or one before it, is not what was recorded.',
  missing: 'This entry is not there.',
  out_of_order: 'An entry stands where it does not belong.',
  cut_off: 'The chain ends before its sealed end: entries were removed from here on.',
  bad_seal:
    'The seal was not made by this deployment for this chain, or its secret is not configured any more.',
};

function fault(number: number, kind: Fault['kind'], where: Fault['where']): Fault {
  return { number, kind, where, message: MESSAGES[kind] };
}

const placeOf = ({ seq, hash }: ChainPlace): ChainPlace => ({ seq, hash });

function readCursor(cursor: string): ChainPlace {
  const match = /^([1-9]\d{0,14})\.([0-9a-f]{64})$/.exec(cursor);
  if (match === null) {
    throw new ParallaxError('invalid_parameter', '`cursor` is not one that a check gave.', {
      param: 'cursor',
    });
  }
  return { seq: Number(match[1]), hash: match[2] ?? '' };
}
