import { PLAN_IDS, type PlanId } from '../../src/contracts/plans.ts';
import type { LedgerPlan, SetPlan } from '../../src/features/metering/index.ts';
import { ParallaxError } from '../../src/platform/errors.ts';
import type { LedgerDatabase } from './database.ts';

interface PlanRow extends Record<string, string | number | null> {
  id: PlanId;
  seats: number;
  anchor_at: number;
  as_of: number;
}

/** The plan as it is known; the free one of whom nobody said anything, with months that begin when the books were opened. */
export function planOf(db: LedgerDatabase): LedgerPlan {
  const [row] = db.all<PlanRow>('SELECT id, seats, anchor_at, as_of FROM plan');
  if (row !== undefined) return { plan: row.id, seats: row.seats, anchorAt: row.anchor_at, asOf: row.as_of };
  const [books] = db.all<{ opened_at: number }>('SELECT opened_at FROM ledger');
  return { plan: 'free', seats: 1, anchorAt: books?.opened_at ?? 0, asOf: 0 };
}

/** Puts the tenant on a plan, unless something later is known. Throws `invalid_parameter` for what is no plan. */
export function setPlan(db: LedgerDatabase, { plan, seats, anchorAt, asOf }: SetPlan): LedgerPlan {
  if (!PLAN_IDS.includes(plan))
    throw new ParallaxError('invalid_parameter', `There is no plan "${plan}".`, { param: 'plan' });
  if (!Number.isSafeInteger(seats) || seats < 1)
    throw new ParallaxError('invalid_parameter', 'A plan has at least one seat.', { param: 'seats' });
  db.all(
    `INSERT INTO plan VALUES (1, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
      id = excluded.id, seats = excluded.seats, anchor_at = excluded.anchor_at, as_of = excluded.as_of
      WHERE excluded.as_of > as_of`,
    plan,
    seats,
    anchorAt ?? planOf(db).anchorAt,
    asOf,
  );
  return planOf(db);
}
