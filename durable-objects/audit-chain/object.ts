import { DurableObject } from 'cloudflare:workers';
import { configOf } from '../../src/env.ts';
import {
  type AuditChainRpc,
  type AuditEntry,
  type AuditSettings,
  type ChainEnds,
  deleteCopy,
  type NewAuditEntry,
  Sealer,
  writeCopy,
} from '../../src/features/audit/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { type Outcome, outcome } from '../../src/platform/errors.ts';
import { createLogger, type Logger } from '../../src/platform/log.ts';
import { ChainStorage } from './storage.ts';

/** When the copy is tried again. Milliseconds. */
const COPY_RETRY_MS = 30_000;
/** Entries copied at a time. */
const COPIED_AT_ONCE = 200;

/**
 * One tenant's audit chain, and its only writer. The copy in D1 follows: an entry and the promise to copy it (an alarm) are one transaction, so a
 * machine that stops between the two loses neither.
 */
export class AuditChain extends DurableObject<Env> implements AuditChainRpc {
  #chain: ChainStorage;
  readonly #tenantId: string;
  readonly #log: Logger;
  #copying: Promise<void> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#tenantId = ctx.id.name ?? '';
    this.#log = createLogger({ object: 'AuditChain', tenant: this.#tenantId });
    this.#chain = new ChainStorage(ctx.storage, this.#tenantId, new Sealer(configOf(env)));
  }

  async append(tenantId: string, entries: readonly NewAuditEntry[]): Promise<void> {
    this.#admit(tenantId);
    if (!this.#chain.append(entries)) return;
    // With no await since the change: the alarm is stored with it.
    await this.ctx.storage.setAlarm(systemClock.now() + COPY_RETRY_MS);
    this.ctx.waitUntil(this.#copy());
  }

  async entries(tenantId: string, after: number, limit: number): Promise<readonly AuditEntry[]> {
    this.#admit(tenantId);
    return this.#chain.entriesAfter(after, limit);
  }

  async ends(tenantId: string): Promise<ChainEnds> {
    this.#admit(tenantId);
    return this.#chain.ends();
  }

  async settings(tenantId: string): Promise<AuditSettings & { readonly entries: number }> {
    this.#admit(tenantId);
    return this.#chain.settings();
  }

  changeSettings(
    tenantId: string,
    change: Partial<AuditSettings>,
  ): Promise<Outcome<AuditSettings & { readonly entries: number }>> {
    return outcome(async () => {
      this.#admit(tenantId);
      this.#chain.changeSettings(change);
      await this.ctx.storage.setAlarm(systemClock.now() + 1_000);
      return this.#chain.settings();
    });
  }

  async copyAnew(tenantId: string): Promise<void> {
    this.#admit(tenantId);
    this.#chain.ends();
    this.#chain.markCopied(this.#chain.beginsAfter);
    await this.ctx.storage.setAlarm(systemClock.now() + COPY_RETRY_MS);
    await deleteCopy(this.env.DB, this.#tenantId, Number.MAX_SAFE_INTEGER);
    await this.#copy();
  }

  async erase(tenantId: string): Promise<void> {
    this.#admit(tenantId);
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#chain = new ChainStorage(this.ctx.storage, this.#tenantId, new Sealer(configOf(this.env)));
  }

  /** Copies what could not be copied before and deletes what is past its age. Never throws: the platform gives up on an alarm that fails six times. */
  override async alarm(): Promise<void> {
    await this.#copy();
    try {
      while (this.#chain.deleteOld(systemClock.now())) {
        // The next entries in the next transaction.
      }
      await deleteCopy(this.env.DB, this.#tenantId, this.#chain.beginsAfter);
    } catch (error) {
      this.#log.error('old audit entries could not be deleted; it will be tried again', { error });
      await this.ctx.storage.setAlarm(systemClock.now() + COPY_RETRY_MS);
      return;
    }
    const next = this.#chain.nextEnd();
    if (next !== null && (await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(Math.max(next, systemClock.now() + COPY_RETRY_MS));
    }
  }

  #admit(tenantId: string): void {
    if (this.ctx.id.name !== tenantId) throw new Error('a tenant’s audit log was asked for at another’s');
  }

  /** One copying at a time; who comes while it is under way is copied by it. */
  #copy(): Promise<void> {
    this.#copying ??= this.#copyAll().finally(() => {
      this.#copying = null;
    });
    return this.#copying;
  }

  async #copyAll(): Promise<void> {
    try {
      this.#chain.ends();
      for (;;) {
        const entries = this.#chain.entriesAfter(this.#chain.copied, COPIED_AT_ONCE);
        const last = entries.at(-1);
        if (last === undefined) break;
        await writeCopy(this.env.DB, this.#tenantId, entries);
        this.#chain.markCopied(last.seq);
      }
    } catch (error) {
      this.#log.error('the copy of the audit log could not be written; it will be tried again', { error });
      await this.ctx.storage.setAlarm(systemClock.now() + COPY_RETRY_MS);
    }
  }
}
