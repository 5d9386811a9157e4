import { DurableObject } from 'cloudflare:workers';
import { configOf } from '../../src/env.ts';
import {
  type Budget,
  type BudgetChanges,
  type BudgetQuestion,
  type BudgetRpc,
  type BudgetStanding,
  type Credit,
  type CreditAnswer,
  type CreditQuestion,
  type Debit,
  inTurn,
  type LeaseAnswer,
  type LedgerExamination,
  type LedgerExaminationRpc,
  type LedgerOperation,
  type LedgerOperationsRpc,
  type LedgerPage,
  type LedgerPlan,
  type LedgerStanding,
  type LedgerTransaction,
  openingCredit,
  type QuotaRpc,
  type QuotaStanding,
  type Refund,
  type RefundResult,
  type Reserve,
  type Revoke,
  type SetPlan,
  type Settle,
  type SettleResult,
  type SetWatch,
  type TakeUses,
  type TenantLedgerRpc,
  type UseSettlement,
  type UsesTaken,
} from '../../src/features/metering/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type Outcome, outcome } from '../../src/platform/errors.ts';
import { createLogger, type Logger } from '../../src/platform/log.ts';
import { BudgetAlerts } from './budget-alerts.ts';
import { Budgets } from './budgets.ts';
import { CreditWatch } from './credit-watch.ts';
import { type LedgerDatabase, ledgerDatabase } from './database.ts';
import { examine } from './examination.ts';
import { Ledger } from './ledger.ts';
import { Outbox } from './outbox.ts';
import { Quotas } from './quotas.ts';
import { mirroredUpTo, transactionsAfter, transactionsNamed, transactionsOfSource } from './transactions.ts';

/** When an alarm that failed rings again. Milliseconds. */
const RETRY_MS = 30_000;

/**
 * One tenant's money, and its only writer: a shell around `Ledger`, which decides. It opens with the credit that its tenant begins with
 * (`openingCredit`). What is reserved or lent is available to nobody else, so the credit is never spent twice.
 */
export class TenantLedger
  extends DurableObject<Env>
  implements TenantLedgerRpc, LedgerOperationsRpc, LedgerExaminationRpc, QuotaRpc, BudgetRpc
{
  readonly #log: Logger;
  #db: LedgerDatabase;
  #ledger: Ledger;
  #outbox: Outbox;
  #watch: CreditWatch;
  #budgets: Budgets;
  #alerts: BudgetAlerts;
  /** The alarm that is set, as far as this instance knows; another is set only when it must ring sooner. */
  #wakesAt = Number.POSITIVE_INFINITY;
  /** Whether this instance knows that the books are open. */
  #opened = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#log = createLogger({ object: 'TenantLedger', tenant: ctx.id.name });
    [this.#db, this.#ledger, this.#outbox, this.#watch, this.#budgets, this.#alerts] = this.#books();
  }

  sync(question: CreditQuestion): Promise<Outcome<CreditAnswer>> {
    return this.#answer(question.tenantId, (ledger, now) => inTurn(ledger.sync(question, now), now));
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

  revoke(operation: Revoke): Promise<Outcome<{ readonly taken: number }>> {
    return this.#answer(operation.tenantId, (ledger, now) => ledger.revoke(operation, now));
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

  takeUses(question: TakeUses): Promise<Outcome<UsesTaken>> {
    return this.#answer(question.tenantId, (_, now) => this.#quotas().take(question, now));
  }

  settleUses(tenantId: string, settlements: readonly UseSettlement[]): Promise<Outcome<void>> {
    return this.#answer(tenantId, () => this.#quotas().settle(settlements));
  }

  quotas(tenantId: string): Promise<Outcome<QuotaStanding>> {
    return this.#answer(tenantId, (_, now) => this.#quotas().standing(now));
  }

  budgets(tenantId: string): Promise<Outcome<readonly BudgetStanding[]>> {
    return this.#answer(tenantId, (_, now) => this.#budgets.list(now));
  }

  createBudget(tenantId: string, budget: Budget): Promise<Outcome<BudgetStanding>> {
    return this.#answer(tenantId, (_, now) => this.#budgets.create(budget, now));
  }

  changeBudget(tenantId: string, id: string, changes: BudgetChanges): Promise<Outcome<BudgetStanding>> {
    return this.#answer(tenantId, (_, now) => {
      this.#alerts.look();
      return this.#budgets.change(id, changes, now);
    });
  }

  deleteBudget(tenantId: string, id: string): Promise<Outcome<BudgetStanding>> {
    return this.#answer(tenantId, (_, now) => this.#budgets.delete(id, now));
  }

  lendBudget({ tenantId, ...question }: BudgetQuestion): Promise<Outcome<LeaseAnswer>> {
    return this.#answer(tenantId, (_, now) => {
      // What was told may be worth telling people.
      if (question.settlements.length > 0) this.#alerts.look();
      return inTurn(this.#budgets.lend(question, now), now);
    });
  }

  setWatch({ tenantId, threshold, asOf }: SetWatch): Promise<Outcome<void>> {
    return this.#answer(tenantId, () => this.#watch.set(threshold, asOf));
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

  async examine(
    tenantId: string,
    question: { readonly from: number | null; readonly whole: boolean },
  ): Promise<LedgerExamination> {
    this.#admit(tenantId);
    const answer = examine(this.#db, question);
    // Books that slept since before there was a mirror have not been sent yet, and nothing else wakes them.
    await this.#wake(systemClock.now());
    return answer;
  }

  async transactionsAfter(tenantId: string, after: number, limit: number): Promise<LedgerPage> {
    this.#admit(tenantId);
    return {
      transactions: transactionsAfter(this.#db, after, limit),
      mirrored: mirroredUpTo(this.#db),
    };
  }

  async transactionsNamed(tenantId: string, ids: readonly string[]): Promise<readonly LedgerTransaction[]> {
    this.#admit(tenantId);
    return transactionsNamed(this.#db, ids);
  }

  async transactionsOfSource(
    tenantId: string,
    prefix: string,
    after: string,
    limit: number,
  ): Promise<readonly LedgerTransaction[]> {
    this.#admit(tenantId);
    return transactionsOfSource(this.#db, prefix, after, limit);
  }

  async mirrorAgain(tenantId: string, first: number, last: number): Promise<void> {
    this.#admit(tenantId);
    await this.#outbox.sendAgain(first, last);
  }

  async mirrorAnew(tenantId: string): Promise<void> {
    this.#admit(tenantId);
    this.#outbox.beginAnew();
    await this.#wake(systemClock.now());
  }

  /** Forgets everything, because the tenant is being deleted. */
  async erase(tenantId: string): Promise<void> {
    this.#admit(tenantId);
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#wakesAt = Number.POSITIVE_INFINITY;
    this.#opened = false;
    [this.#db, this.#ledger, this.#outbox, this.#watch, this.#budgets, this.#alerts] = this.#books();
  }

  /**
   * Returns what has expired, at the time it does, and sends the mirror what it lacks. Never throws: the platform gives up on an alarm that fails
   * six times.
   */
  override async alarm(): Promise<void> {
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const now = systemClock.now();
    try {
      this.#ledger.expire(now);
      await this.#outbox.send(now);
      await this.#watch.tell(now);
      await this.#alerts.tell(now);
      await this.#wake(now);
    } catch (error) {
      this.#log.error('what has expired could not be returned; it will be tried again', { error });
      await this.ctx.storage.setAlarm(now + RETRY_MS);
    }
  }

  async #answer<T>(tenantId: string, work: (ledger: Ledger, now: number) => T): Promise<Outcome<T>> {
    this.#admit(tenantId);
    if (!this.#opened) await this.#open(tenantId);
    const now = systemClock.now();
    let waking: Promise<void> | undefined;
    const answer = await outcome(() => {
      try {
        return work(this.#ledger, now);
      } finally {
        // With no await since the change: the alarm is stored with it, or neither is.
        waking = this.#wake(now);
      }
    });
    await waking;
    return answer;
  }

  /** Once in a ledger's life this asks the database: whose first tenant this is. Two that ask at once open once. */
  async #open(tenantId: string): Promise<void> {
    if (!this.#ledger.isOpen) {
      const { amount, expiresAt } = await openingCredit(
        this.env,
        tenantId,
        configOf(this.env),
        systemClock.now(),
      );
      this.#ledger.open(amount, systemClock.now(), expiresAt);
    }
    this.#opened = true;
  }

  /** A call for another tenant would be counted against the wrong one: a defect, not a request to answer. */
  #admit(tenantId: string): void {
    if (this.ctx.id.name !== tenantId) throw new Error('a tenant’s ledger was asked at another’s');
  }

  /** Sees to it that the object wakes when the next reservation, lease or bucket ends, or the mirror is due, however quiet its tenant is until then. */
  #wake(now: number): Promise<void> | undefined {
    const ends = [
      this.#ledger.nextEnd(now),
      this.#outbox.dueAt(now),
      this.#watch.dueAt(now),
      this.#alerts.dueAt(now),
    ].filter((end) => end !== null);
    const next = Math.min(...ends);
    if (next >= this.#wakesAt) return undefined;
    this.#wakesAt = next;
    return this.ctx.storage.setAlarm(next);
  }

  #quotas(): Quotas {
    return new Quotas(this.#db, configOf(this.env).planLimits);
  }

  #books(): [LedgerDatabase, Ledger, Outbox, CreditWatch, Budgets, BudgetAlerts] {
    const db = ledgerDatabase(this.ctx.storage);
    const name = this.ctx.id.name ?? '';
    return [
      db,
      new Ledger(db),
      new Outbox(db, name, this.env.LEDGER_QUEUE, this.#log),
      new CreditWatch(db, name, this.env.STRIPE_QUEUE, this.#log),
      new Budgets(db),
      new BudgetAlerts(db, name, this.env.OUTGOING_QUEUE, this.#log),
    ];
  }
}
