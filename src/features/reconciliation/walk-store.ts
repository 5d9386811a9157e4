import { asc, gt } from 'drizzle-orm';
import { platformDb } from '../../platform/db.ts';
import { tenants } from '../identity/index.ts';
import { type Place, placeOf, placeText } from './place.ts';
import { reconciliationWalk } from './schema.ts';

type DbEnv = Pick<Env, 'DB'>;

/** A round over all tenants. Times in milliseconds. */
export interface Round {
  /** Where it goes on; null when it has not begun or is done. */
  readonly place: Place | null;
  readonly done: boolean;
  /** From which time on it compares; null for everything. */
  readonly from: number | null;
  readonly startedAt: number;
  /** When the last round over everything began. */
  readonly wholeAt: number;
}

export async function lastRound(env: DbEnv): Promise<Round | null> {
  const [row] = await platformDb(env.DB).select().from(reconciliationWalk).limit(1);
  if (row === undefined) return null;
  const { place, from, startedAt, wholeAt } = row;
  return { place: place === null ? null : placeOf(place), done: place === null, from, startedAt, wholeAt };
}

export async function keepRound(
  env: DbEnv,
  { place, from, startedAt, wholeAt }: Omit<Round, 'done'>,
): Promise<void> {
  const row = { place: place === null ? null : placeText(place), from, startedAt, wholeAt };
  await platformDb(env.DB)
    .insert(reconciliationWalk)
    .values({ id: 1, ...row })
    .onConflictDoUpdate({ target: reconciliationWalk.id, set: row });
}

/** Tenants by id, behind one. */
export async function tenantsBehind(env: DbEnv, tenantId: string, limit: number): Promise<string[]> {
  const rows = await platformDb(env.DB)
    .select({ id: tenants.id })
    .from(tenants)
    .where(gt(tenants.id, tenantId))
    .orderBy(asc(tenants.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}
