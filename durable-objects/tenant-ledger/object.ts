import { DurableObject } from 'cloudflare:workers';
import { configOf } from '../../src/env.ts';
import type {
  CreditAnswer,
  CreditQuestion,
  CreditStanding,
  TenantLedgerRpc,
} from '../../src/features/metering/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type Outcome, outcome } from '../../src/platform/errors.ts';
import { fromUsd } from '../../src/platform/money.ts';
import { CREDIT_LEASE_MS, lendCredit } from './logic.ts';
import { CreditStorage } from './storage.ts';

/**
 * One tenant's credit on the platform's provider keys, and its only writer. It opens with what the deployment gives each tenant
 * (`TENANT_CREDIT_USD`); there is no way yet to add to it. What is lent is reserved, so the credit is never spent twice.
 */
export class TenantLedger extends DurableObject<Env> implements TenantLedgerRpc {
  readonly #credit: CreditStorage;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#credit = new CreditStorage(ctx.storage);
  }

  sync(question: CreditQuestion): Promise<Outcome<CreditAnswer>> {
    return outcome(() => {
      const { leaseId, settlements, held, needed, wanted } = question;
      this.#open(question.tenantId);
      const now = systemClock.now();
      return this.#credit.transaction(() => {
        this.#credit.endLeases(now);
        this.#credit.settle(leaseId, settlements, now);
        this.#credit.forgetOldCalls(now);
        const free = this.#credit.balance() - this.#credit.lentToOthers(leaseId);
        const lent = lendCredit({ free, lent: this.#credit.lentTo(leaseId), held, needed, wanted });
        this.#credit.lend(leaseId, lent, now + CREDIT_LEASE_MS);
        return { lent, leaseMs: CREDIT_LEASE_MS, available: free - lent };
      });
    });
  }

  standing(tenantId: string): Promise<Outcome<CreditStanding>> {
    return outcome(() => {
      this.#open(tenantId);
      this.#credit.endLeases(systemClock.now());
      const balance = this.#credit.balance();
      const reserved = this.#credit.lentToOthers('');
      return { balance, reserved, available: balance - reserved };
    });
  }

  #open(tenantId: string): void {
    // A call for another tenant would be counted against the wrong one: a defect, not a request to answer.
    if (this.ctx.id.name !== tenantId) throw new Error('a tenant’s credit was asked for at another’s ledger');
    this.#credit.open(fromUsd(configOf(this.env).tenantCreditUsd));
  }
}
