import { callDurable } from '../../platform/durable-call.ts';
import type { Outcome } from '../../platform/errors.ts';
import type { BudgetRpc } from './budgets/budget-rpc.ts';
import type { LedgerExaminationRpc, LedgerOperationsRpc, LedgerStanding } from './ledger-operations.ts';
import type { QuotaRpc } from './quotas/quota-rpc.ts';

/** What one call cost, in whole nano-dollars. Counted once by its id. */
export interface Settlement {
  readonly callId: string;
  readonly cost: number;
}

/** What an isolate says to a tenant's ledger, and asks of it. Amounts in whole nano-dollars. */
export interface CreditQuestion {
  readonly tenantId: string;
  /** The isolate's lease of this tenant's credit. */
  readonly leaseId: string;
  readonly settlements: readonly Settlement[];
  /** What is held for calls under way. It stays lent whatever else is decided. */
  readonly held: number;
  /** What it needs for the calls that wait, `held` included. */
  readonly needed: number;
  /** What it would like to be lent in all, so that it need not ask again soon. At least `needed`. */
  readonly wanted: number;
  /** `needed` and `wanted` are at the providers' prices: the ledger adds what the plan does. */
  readonly beforeMarkup?: true;
  /** How long it keeps what it is lent without a word, in milliseconds; as isolates do unless said otherwise. */
  readonly leaseMs?: number;
}

export interface CreditAnswer {
  /** What the isolate has been lent now, in all: less than `needed` when there is not enough. */
  readonly lent: number;
  /** For how long, from the moment it asked. */
  readonly leaseMs: number;
  /** What the tenant has that is lent to nobody. */
  readonly available: number;
  /** What the tenant's plan adds to a provider's price on the platform's keys, in hundredths of a percent. */
  readonly markupBasisPoints: number;
  /** Orders the answers of one lender; see `inTurn`. */
  readonly turn?: number;
}

/** What `TenantLedger` answers over RPC to the isolates that make calls. Asked twice, it counts once. */
export interface TenantLedgerRpc {
  sync(question: CreditQuestion): Promise<Outcome<CreditAnswer>>;
  /** How the credit stands. */
  standing(tenantId: string): Promise<Outcome<LedgerStanding>>;
}

/** All that a tenant's ledger answers. */
type LedgerRpc = TenantLedgerRpc & LedgerOperationsRpc & LedgerExaminationRpc & QuotaRpc & BudgetRpc;

/** Asks a tenant's ledger; what is thrown is as `callDurable` says. */
export function callLedger<T>(
  env: Pick<Env, 'TENANT_LEDGER'>,
  tenantId: string,
  call: (ledger: LedgerRpc) => Promise<T>,
): Promise<T> {
  return callDurable<LedgerRpc, T>({
    stub: () => env.TENANT_LEDGER.getByName(tenantId),
    call,
    repeatable: true,
    unreachable: 'The tenant’s credit cannot be reached at the moment. Please try again.',
  });
}
