import { DurableObject } from 'cloudflare:workers';
import { configOf } from '../../src/env.ts';
import type {
  Credit,
  CreditAnswer,
  CreditQuestion,
  Debit,
  LedgerOperation,
  LedgerOperationsRpc,
  LedgerPlan,
  LedgerStanding,
  LedgerTransaction,
  Refund,
  RefundResult,
  Reserve,
  SetPlan,
  Settle,
  SettleResult,
  TenantLedgerRpc,
} from '../../src/features/metering/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type Outcome, outcome } from '../../src/platform/errors.ts';
import { fromUsd } from '../../src/platform/money.ts';
import { ledgerDatabase } from './database.ts';
import { Ledger } from './ledger.ts';

/**
 * One tenant's money, and its only writer: a shell around `Ledger`, which decides. It opens with what the deployment gives each tenant
 * (`TENANT_CREDIT_USD`). What is reserved or lent is available to nobody else, so the credit is never spent twice.
 */
export class TenantLedger extends DurableObject<Env> implements TenantLedgerRpc, LedgerOperationsRpc {
  #ledger: Ledger;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#ledger = new Ledger(ledgerDatabase(ctx.storage));
  }

  sync(question: CreditQuestion): Promise<Outcome<CreditAnswer>> {
    return this.#answer(question.tenantId, (ledger, now) => ledger.sync(question, now));
  }

  credit(operation: Credit): Promise<Outcome<LedgerTransaction>> {
    return this.#answer(operation.tenantId, (ledger, now) => ledger.credit(operation, now));
  }

  debit(operation: Debit): Promise<Outcome<LedgerTransaction>> {
    return this.#answer(operation.tenantId, (ledger, now) => ledger.debit(operation, now));
  }

  refund(operation: Refund): Promise<Outcome<RefundResult>> {
    return this.#answer(operation.tenantId, (ledger, now) => ledger.refund(operation, now));
  }

  reserve(operation: Reserve): Promise<Outcome<{ readonly reserved: number }>> {
    return this.#answer(operation.tenantId, (ledger, now) => ledger.reserve(operation, now));
  }

  settle(operation: Settle): Promise<Outcome<SettleResult>> {
    return this.#answer(operation.tenantId, (ledger, now) => ledger.settle(operation, now));
  }

  release(operation: LedgerOperation): Promise<Outcome<{ readonly released: number }>> {
    return this.#answer(operation.tenantId, (ledger, now) => ledger.release(operation, now));
  }

  setPlan(operation: SetPlan): Promise<Outcome<LedgerPlan>> {
    return this.#answer(operation.tenantId, (ledger) => ledger.setPlan(operation));
  }

  plan(tenantId: string): Promise<Outcome<LedgerPlan>> {
    return this.#answer(tenantId, (ledger) => ledger.plan());
  }

  markUnlimited(tenantId: string, unlimited: boolean): Promise<Outcome<void>> {
    return this.#answer(tenantId, (ledger, now) => ledger.markUnlimited(unlimited, now));
  }

  standing(tenantId: string): Promise<Outcome<LedgerStanding>> {
    return this.#answer(tenantId, (ledger, now) => ledger.standing(now));
  }

  transactions(
    tenantId: string,
    before: number | null,
    limit: number,
  ): Promise<Outcome<readonly LedgerTransaction[]>> {
    return this.#answer(tenantId, (ledger) => ledger.transactions(before, limit));
  }

  /** Forgets everything, because the tenant is being deleted. */
  async erase(tenantId: string): Promise<void> {
    if (this.ctx.id.name !== tenantId) throw new Error('a tenant’s ledger was to be erased at another’s');
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#ledger = new Ledger(ledgerDatabase(this.ctx.storage));
  }

  /** Returns what has expired, at the time it does. */
  override async alarm(): Promise<void> {
    this.#ledger.standing(systemClock.now());
    await this.#wakeAtNextEnd();
  }

  async #answer<T>(tenantId: string, work: (ledger: Ledger, now: number) => T): Promise<Outcome<T>> {
    // A call for another tenant would be counted against the wrong one: a defect, not a request to answer.
    if (this.ctx.id.name !== tenantId) throw new Error('a tenant’s credit was asked for at another’s ledger');
    const answer = await outcome(() => {
      const now = systemClock.now();
      this.#ledger.open(fromUsd(configOf(this.env).tenantCreditUsd), now);
      return work(this.#ledger, now);
    });
    await this.#wakeAtNextEnd();
    return answer;
  }

  /** Sees to it that the object wakes when the next reservation, lease or bucket ends, however quiet its tenant is until then. */
  async #wakeAtNextEnd(): Promise<void> {
    const next = this.#ledger.nextEnd();
    if (next === null) return;
    const planned = await this.ctx.storage.getAlarm();
    if (planned === null || planned > next) await this.ctx.storage.setAlarm(next);
  }
}
