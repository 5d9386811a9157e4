import {
  type AuditEntry,
  type AuditSettings,
  beginningOf,
  type ChainEnds,
  link,
  type NewAuditEntry,
  type Sealer,
} from '../../src/features/audit/index.ts';
import { applySqlMigrations } from '../../src/platform/sql-migrations.ts';
import { AUDIT_CHAIN_MIGRATIONS } from './migrations.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Entries deleted at a time at the end of their retention. */
const DELETED_AT_ONCE = 1_000;

interface ChainRow extends Record<string, SqlStorageValue> {
  head_seq: number;
  head_hash: string;
  head_seal: string;
  copied: number;
  checkpoint_seq: number;
  checkpoint_hash: string;
  checkpoint_seal: string;
  checkpoint_at: number;
  retention_days: number | null;
  legal_hold: number;
}

interface EntryRow extends Record<string, SqlStorageValue> {
  seq: number;
  id: string;
  at: number;
  entry: string;
  previous: string;
  hash: string;
}

/** A tenant's chain in the object's own database. */
export class ChainStorage {
  readonly #storage: DurableObjectStorage;
  readonly #tenantId: string;
  readonly #sealer: Sealer;

  constructor(storage: DurableObjectStorage, tenantId: string, sealer: Sealer) {
    this.#storage = storage;
    this.#tenantId = tenantId;
    this.#sealer = sealer;
    applySqlMigrations(storage, AUDIT_CHAIN_MIGRATIONS);
  }

  /** Appends what is not there yet and seals the new end, as one transaction. Returns whether anything was appended. */
  append(entries: readonly NewAuditEntry[]): boolean {
    return this.#storage.transactionSync(() => {
      this.#open();
      const chain = this.#chain();
      let place = { seq: chain.head_seq, hash: chain.head_hash };
      for (const entry of entries) {
        const known = this.#rows('SELECT * FROM entries WHERE id = ?', entry.id);
        if (known.length > 0) continue;
        const { seq, previous, hash, ...content } = link(entry, place);
        this.#exec(
          'INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)',
          seq,
          entry.id,
          entry.at,
          JSON.stringify(content),
          previous,
          hash,
        );
        place = { seq, hash };
      }
      if (place.seq === chain.head_seq) return false;
      const seal = this.#sealer.seal({ what: 'head', tenantId: this.#tenantId, ...place });
      this.#exec('UPDATE chain SET head_seq = ?, head_hash = ?, head_seal = ?', place.seq, place.hash, seal);
      return true;
    });
  }

  /** Entries with a number above `after`. Fields that stand twice are taken from the entry that was hashed, so that a change of either is found. */
  entriesAfter(after: number, limit: number): AuditEntry[] {
    return this.#rows('SELECT * FROM entries WHERE seq > ? ORDER BY seq LIMIT ?', after, limit).map(
      ({ seq, id, at, entry, previous, hash }) => ({
        ...(JSON.parse(entry) as NewAuditEntry),
        id,
        at,
        seq,
        previous,
        hash,
      }),
    );
  }

  ends(): ChainEnds {
    this.#open();
    const chain = this.#chain();
    return {
      checkpoint:
        chain.checkpoint_seq === 0
          ? null
          : {
              seq: chain.checkpoint_seq,
              hash: chain.checkpoint_hash,
              seal: chain.checkpoint_seal,
              at: chain.checkpoint_at,
            },
      head:
        chain.head_seq === 0 ? null : { seq: chain.head_seq, hash: chain.head_hash, seal: chain.head_seal },
      copied: chain.copied,
    };
  }

  settings(): AuditSettings & { readonly entries: number } {
    this.#open();
    const { retention_days, legal_hold, head_seq, checkpoint_seq } = this.#chain();
    return {
      retentionDays: retention_days,
      legalHold: legal_hold === 1,
      entries: head_seq - checkpoint_seq,
    };
  }

  changeSettings(change: Partial<AuditSettings>): void {
    this.#open();
    if (change.retentionDays !== undefined)
      this.#exec('UPDATE chain SET retention_days = ?', change.retentionDays);
    if (change.legalHold !== undefined)
      this.#exec('UPDATE chain SET legal_hold = ?', change.legalHold ? 1 : 0);
  }

  get copied(): number {
    return this.#chain().copied;
  }

  markCopied(seq: number): void {
    this.#exec('UPDATE chain SET copied = ?', seq);
  }

  /** The number that the copy begins after. */
  get beginsAfter(): number {
    return this.#chain().checkpoint_seq;
  }

  /**
   * Deletes entries past their age, some at a time, and seals where the chain begins now; the copy must have had them. Returns whether
   * anything was deleted. A legal hold keeps everything.
   */
  deleteOld(now: number): boolean {
    return this.#storage.transactionSync(() => {
      this.#open();
      const chain = this.#chain();
      if (chain.retention_days === null || chain.legal_hold === 1) return false;
      const before = now - chain.retention_days * DAY_MS;
      // What came late through the queue may be older than its neighbours: only a whole beginning can go.
      const [first] = this.#rows('SELECT * FROM entries WHERE at >= ? ORDER BY seq LIMIT 1', before);
      const upTo = Math.min(
        first === undefined ? chain.head_seq : first.seq - 1,
        chain.copied,
        chain.checkpoint_seq + DELETED_AT_ONCE,
      );
      const [last] = this.#rows('SELECT * FROM entries WHERE seq = ?', upTo);
      if (last === undefined || upTo <= chain.checkpoint_seq) return false;
      const place = { seq: last.seq, hash: last.hash };
      const seal = this.#sealer.seal({ what: 'checkpoint', tenantId: this.#tenantId, ...place });
      this.#exec(
        'UPDATE chain SET checkpoint_seq = ?, checkpoint_hash = ?, checkpoint_seal = ?, checkpoint_at = ?',
        place.seq,
        place.hash,
        seal,
        now,
      );
      this.#exec('DELETE FROM entries WHERE seq <= ?', place.seq);
      return true;
    });
  }

  /** When the oldest entry reaches its age; null when nothing does. */
  nextEnd(): number | null {
    this.#open();
    const { retention_days, legal_hold } = this.#chain();
    if (retention_days === null || legal_hold === 1) return null;
    const [oldest] = this.#rows('SELECT * FROM entries ORDER BY seq LIMIT 1');
    return oldest === undefined ? null : oldest.at + retention_days * DAY_MS;
  }

  #open(): void {
    const { hash } = beginningOf(this.#tenantId);
    this.#exec(
      "INSERT INTO chain VALUES (1, 0, ?, '', 0, 0, ?, '', 0, NULL, 0) ON CONFLICT DO NOTHING",
      hash,
      hash,
    );
  }

  #chain(): ChainRow {
    return this.#storage.sql.exec<ChainRow>('SELECT * FROM chain').one();
  }

  #rows(query: string, ...values: readonly SqlStorageValue[]): EntryRow[] {
    return this.#storage.sql.exec<EntryRow>(query, ...values).toArray();
  }

  #exec(query: string, ...values: readonly SqlStorageValue[]): void {
    this.#storage.sql.exec(query, ...values);
  }
}
