import type { Principal } from '../../../contracts/principal.ts';
import type { Clock } from '../../../platform/clock.ts';
import { ParallaxError, unwrap } from '../../../platform/errors.ts';
import { CreditLeases } from '../credit-leases.ts';
import { callLedger } from '../tenant-ledger.ts';
import type { Budget, BudgetStanding } from './budget-rpc.ts';
import { KnownBudgets } from './known-budgets.ts';

type BudgetEnv = Pick<Env, 'TENANT_LEDGER'>;

/** Who spends: a call or a run is bounded by the budgets of its tenant, member, API key and provider key. */
export interface Spender extends Pick<Principal, 'tenantId' | 'userId'> {
  readonly keyId?: string | null | undefined;
  /** Of a key that was rotated from another: the first of them, whose budgets go on. */
  readonly keyFamilyId?: string | undefined;
  readonly providerKeyId?: string | undefined;
}

/** What this isolate knows of budgets, shared by calls and runs. */
const isolate = new KnownBudgets();
/** What it was lent of budgets, by their ids. */
export const budgetLeases = new CreditLeases();

/** The budgets that bound what somebody spends. Throws `unavailable` when they cannot be read and what is known is too old. */
export async function budgetsOf(
  env: BudgetEnv,
  clock: Clock,
  spender: Spender,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<readonly Budget[]> {
  const { tenantId } = spender;
  const read = () => callLedger(env, tenantId, (ledger) => ledger.budgets(tenantId));
  return boundBy(await isolate.of(tenantId, clock, read, waitUntil), spender);
}

/** The budgets that were last known to bound somebody, however long ago. */
export function lastBudgetsOf(spender: Spender): readonly Budget[] {
  return boundBy(isolate.last(spender.tenantId), spender);
}

/** Reads a tenant's budgets from the ledger itself. Throws `unavailable`. */
export async function readBudgets(env: BudgetEnv, tenantId: string): Promise<readonly BudgetStanding[]> {
  return unwrap(await callLedger(env, tenantId, (ledger) => ledger.budgets(tenantId)));
}

/** A budget was changed here: in this isolate that holds at once. */
export function forgetBudget(tenantId: string, budgetId: string): void {
  isolate.forget(tenantId);
  budgetLeases.askAnew(budgetId);
}

/** Whether something could not be done because the ledger was not to be reached. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof ParallaxError && error.code === 'unavailable';
}

/** Those of a tenant's budgets that bound what somebody spends. Pure. */
export function boundBy<Each extends Budget>(
  budgets: readonly Each[],
  { userId, keyId, keyFamilyId, providerKeyId }: Omit<Spender, 'tenantId'>,
): readonly Each[] {
  if (budgets.length === 0) return budgets;
  const key = keyFamilyId ?? keyId;
  const subjects = { tenant: null, member: userId, key, provider_key: providerKeyId };
  return budgets.filter(({ scope, subject }) => subject === subjects[scope]);
}
