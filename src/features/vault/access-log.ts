import type { AccessReason } from '../../contracts/vault.ts';
import type { Clock } from '../../platform/clock.ts';
import { deleteOlder, tenantDb } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import type { Logger } from '../../platform/log.ts';
import { vaultAccess } from './schema.ts';

/** An opening of a sealed secret. */
export interface Access {
  readonly tenantId: string;
  readonly objectId: string;
  readonly reason: AccessReason;
  readonly userId: string | null;
  readonly requestId: string | null;
}

interface Counted extends Access {
  readonly id: string;
  times: number;
}

/** How long openings gather before they are written. Milliseconds. */
const GATHER_MS = 1_000;
const RETRIES_MS = [GATHER_MS, 4_000, 10_000];
/** Openings that an isolate holds while the database is away. Beyond it each is said in the log, where an operator finds it. */
const MAX_GATHERED = 10_000;
/** Rows of one statement: eight columns each, of 100 parameters. */
const ROWS_AT_ONCE = 12;
const RETENTION_MS = 400 * 24 * 60 * 60 * 1000;

const gathered = new Map<string, Counted>();
let due: number | undefined;

/**
 * Notes an opening; rows go out a second later, those of one request together, equal ones as one with a count. Each row has its id from the beginning, so that writing it twice writes it once.
 */
export function noteAccess(
  env: Pick<Env, 'DB'>,
  clock: Clock,
  log: Logger,
  waitUntil: (work: Promise<unknown>) => void,
  access: Access,
): void {
  const { tenantId, objectId, reason, userId, requestId } = access;
  const name = JSON.stringify([tenantId, objectId, reason, userId, requestId]);
  const counted = gathered.get(name);
  if (counted !== undefined) counted.times += 1;
  else if (gathered.size < MAX_GATHERED) {
    gathered.set(name, { ...access, id: newId('vaultAccess', clock.now()), times: 1 });
  } else {
    log.error('an opening of a secret is in no row: too many wait for the database', {
      tenant: tenantId,
      object: objectId,
      reason,
      user: userId,
      request: requestId,
    });
  }
  const now = clock.now();
  if (due !== undefined && now < due + 10 * GATHER_MS) return;
  due = now + GATHER_MS;
  waitUntil(writeWhenDue(env, clock, log));
}

async function writeWhenDue(env: Pick<Env, 'DB'>, clock: Clock, log: Logger): Promise<void> {
  for (const waitMs of RETRIES_MS) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    due = undefined;
    if (await write(env, clock, log)) return;
    due = clock.now();
  }
}

/** Writes what has gathered; what could not be written stays for the next time. */
async function write(env: Pick<Env, 'DB'>, clock: Clock, log: Logger): Promise<boolean> {
  const all = [...gathered];
  gathered.clear();
  let whole = true;
  const byTenant = Map.groupBy(all, ([, { tenantId }]) => tenantId);
  for (const [tenantId, some] of byTenant) {
    try {
      const rows = some.map(([, { id, objectId, reason, userId, times, requestId }]) => ({
        id,
        objectId,
        reason,
        userId,
        times,
        requestId,
        createdAt: clock.now(),
      }));
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
        await tenantDb(env.DB, { tenantId }).insert(vaultAccess, rows.slice(at, at + ROWS_AT_ONCE));
    } catch (error) {
      whole = false;
      for (const [name, counted] of some) {
        const newer = gathered.get(name);
        if (newer === undefined) gathered.set(name, counted);
        else gathered.set(`${name}${counted.id}`, counted);
      }
      log.error('openings of secrets could not be written yet', { tenant: tenantId, error });
    }
  }
  return whole;
}

/** Deletes rows past their age; called by cron. */
export async function forgetOldAccess(d1: D1Database, now: number): Promise<void> {
  await deleteOlder(d1, vaultAccess, vaultAccess.createdAt, now - RETENTION_MS);
}
