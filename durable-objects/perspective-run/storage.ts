import type { Merge } from '../../src/contracts/perspectives.ts';
import {
  type PerspectiveEnd,
  type PerspectiveToolCall,
  type ReceiptLine,
  type RunConversation,
  type RunDecision,
  type RunHeader,
  type RunPlan,
  type RunStatus,
  type RunStore,
  runStatus,
  type Standing,
  type StoredPerspective,
  type StoredRun,
  wholeParts,
} from '../../src/features/perspectives/index.ts';
import { NO_USAGE } from '../../src/features/providers/index.ts';
import { ZERO } from '../../src/platform/money.ts';
import { applySqlMigrations } from '../../src/platform/sql-migrations.ts';
import { HeaderRow } from './header-row.ts';
import type { Upkeep } from './logic.ts';
import { PERSPECTIVE_RUN_MIGRATIONS } from './migrations.ts';
import { MAX_TEXT, TextRows } from './texts.ts';

/** An event as it is kept: the large ones (a perspective's end, the run) are made from the rows when they are read. */
export interface EventRow {
  readonly id: number;
  readonly type:
    | 'run.started'
    | 'perspective.delta'
    | 'perspective.completed'
    | 'perspective.failed'
    | 'merge.delta'
    | 'merge.completed'
    | 'run.completed';
  readonly position: number | null;
  readonly text: string;
}

/** What is kept of a perspective's end in one row; its texts, which may be long, have rows of their own. */
type Outcome = Omit<StoredPerspective, 'index' | 'status' | 'asked' | 'content' | 'toolCalls'>;

/** The run's rows: `RunStore` for the engine, and what the shell itself needs. */
export class RunStorage implements RunStore {
  readonly #storage: DurableObjectStorage;
  readonly #onChange: () => void;
  readonly #texts: TextRows;
  /** The run's header, of which some changes. */
  readonly kept: HeaderRow;
  #made: boolean;

  constructor(storage: DurableObjectStorage, onChange: () => void) {
    this.#storage = storage;
    this.#onChange = onChange;
    this.#texts = new TextRows(storage.sql);
    this.kept = new HeaderRow(storage);
    // An object that holds no run stays empty: asking for ids at random must not fill the storage.
    this.#made = this.#rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'run'").length > 0;
    if (this.#made) applySqlMigrations(storage, PERSPECTIVE_RUN_MIGRATIONS);
  }

  /** Writes a new run, with the conversation that it carries as JSON text; `false` when there is one already. */
  create(header: RunHeader, plan: RunPlan, digest: string, conversation: string | null = null): boolean {
    if (!this.#made) applySqlMigrations(this.#storage, PERSPECTIVE_RUN_MIGRATIONS);
    this.#made = true;
    return this.#change(() => {
      if (this.digest() !== null) return false;
      this.#exec(
        "INSERT INTO run (only, header, digest, status) VALUES (1, ?, ?, 'running')",
        JSON.stringify(header),
        digest,
      );
      this.#texts.save('plan', JSON.stringify(plan));
      if (conversation !== null) this.#texts.save('conversation', conversation);
      for (const { index } of plan.perspectives) {
        this.#exec("INSERT INTO perspectives (position, status, asked) VALUES (?, 'pending', 0)", index);
      }
      this.#event('run.started', null, '');
      return true;
    });
  }

  /** The digest of the request that made this run; null when there is no run. */
  digest(): string | null {
    if (!this.#made) return null;
    return this.#rows<{ digest: string }>('SELECT digest FROM run')[0]?.digest ?? null;
  }

  /** Deletes the run with everything that is kept of it. */
  async deleteAll(): Promise<void> {
    this.#made = false;
    await this.#storage.deleteAll();
    this.#onChange();
  }

  load(): StoredRun {
    const row = this.#rows<{ header: string; status: string; completed_at: number | null }>(
      'SELECT header, status, completed_at FROM run',
    )[0];
    if (row === undefined) throw new Error('this object holds no run');
    const merge = this.#texts.load('merge');
    const decision = this.#texts.load('decision');
    return {
      header: JSON.parse(row.header) as RunHeader,
      plan: JSON.parse(this.#texts.load('plan')) as RunPlan,
      status: row.status as RunStatus,
      completedAt: row.completed_at,
      perspectives: this.#perspectives(),
      merge: merge === '' ? null : (JSON.parse(merge) as Merge),
      decision: decision === '' ? null : (JSON.parse(decision) as RunDecision),
      receipt: this.#rows<{ line: string }>('SELECT line FROM receipt ORDER BY rowid').map(
        ({ line }) => JSON.parse(line) as ReceiptLine,
      ),
    };
  }

  header(): RunHeader {
    return this.kept.read();
  }

  conversation(): RunConversation | null {
    const text = this.#texts.load('conversation');
    return text === '' ? null : (JSON.parse(text) as RunConversation);
  }

  standing(): Standing {
    const rows = this.#rows<{ status: string; n: number }>(
      'SELECT status, COUNT(*) AS n FROM perspectives GROUP BY status',
    );
    const count = (status: string) => rows.find((row) => row.status === status)?.n ?? 0;
    return {
      completed: count('completed'),
      failed: count('failed'),
      total: rows.reduce((total, row) => total + row.n, 0),
    };
  }

  status(): RunStatus {
    return (this.#rows<{ status: string }>('SELECT status FROM run')[0]?.status ?? 'failed') as RunStatus;
  }

  publishedText(index: number): string {
    return this.#rows<{ text: string }>(
      "SELECT text FROM events WHERE type = 'perspective.delta' AND position = ? ORDER BY id",
      index,
    )
      .map(({ text }) => text)
      .join('');
  }

  writtenCalls(index: number): string {
    return this.#texts.load(writtenName(index));
  }

  mergeBegun(): boolean {
    return this.#rows("SELECT 1 FROM events WHERE type = 'merge.delta' LIMIT 1").length > 0;
  }

  markAsked(index: number): void {
    this.#exec("UPDATE perspectives SET status = 'streaming', asked = asked + 1 WHERE position = ?", index);
  }

  markStarted(index: number, keyStrategy: StoredPerspective['keyStrategy'], providerKeyId?: string): void {
    this.#exec(
      "UPDATE perspectives SET outcome = ? WHERE position = ? AND status = 'streaming'",
      JSON.stringify({ ...UNKNOWN, keyStrategy, providerKeyId } satisfies Outcome),
      index,
    );
  }

  appendDeltas(deltas: readonly { index: number; text: string }[]): void {
    this.#change(() => {
      for (const { index, text } of deltas) this.#event('perspective.delta', index, text);
    });
  }

  appendCallText(pieces: readonly { index: number; text: string }[]): void {
    this.#storage.transactionSync(() => {
      for (const { index, text } of pieces) this.#texts.append(writtenName(index), text);
    });
  }

  endPerspective(index: number, end: PerspectiveEnd, line: ReceiptLine | null): void {
    this.#change(() => {
      const open = this.#rows(
        "SELECT 1 FROM perspectives WHERE position = ? AND status IN ('pending', 'streaming')",
        index,
      );
      if (open.length === 0) return;
      const { status, content, toolCalls, ...outcome } = end;
      this.#exec(
        'UPDATE perspectives SET status = ?, outcome = ? WHERE position = ?',
        status,
        JSON.stringify(outcome satisfies Outcome),
        index,
      );
      this.#texts.save(`content-${index}`, content);
      this.#texts.save(writtenName(index), '');
      if (toolCalls !== undefined) this.#texts.save(`calls-${index}`, JSON.stringify(toolCalls));
      if (line !== null) this.#receipt(line);
      this.#event(status === 'completed' ? 'perspective.completed' : 'perspective.failed', index, '');
    });
  }

  appendMergeDelta(text: string): void {
    this.#change(() => this.#event('merge.delta', null, text));
  }

  addReceiptLine(line: ReceiptLine): void {
    this.#change(() => {
      this.#receipt(line);
      // What a later merge costs is in the index too, even when the merge itself comes to nothing.
      this.#exec('UPDATE run SET recorded = 0');
    });
  }

  endMerge(merge: Merge, decision?: RunDecision): void {
    this.#change(() => {
      if (decision !== undefined) this.#texts.save('decision', JSON.stringify(decision));
      const running = this.status() === 'running';
      this.#exec('UPDATE run SET recorded = 0');
      this.#texts.save('merge', JSON.stringify(merge));
      if (running) this.#event('merge.completed', null, '');
    });
  }

  decide(decision: RunDecision): void {
    this.#change(() => this.#texts.save('decision', JSON.stringify(decision)));
  }

  finish(status: Exclude<RunStatus, 'running'>, at: number): void {
    this.#change(() => {
      if (this.status() !== 'running') return;
      this.#exec('UPDATE run SET status = ?, completed_at = ?', status, at);
      // Nobody is asked any more, and what was sent may be large and private: the plan's outline serves a later merge.
      this.#texts.save('conversation', '');
      this.#event('run.completed', null, '');
    });
  }

  /** Up to `limit` events after an id. */
  eventsAfter(id: number, limit: number): EventRow[] {
    return this.#rows<{ id: number; type: string; position: number | null; text: string }>(
      'SELECT id, type, position, text FROM events WHERE id > ? ORDER BY id LIMIT ?',
      id,
      limit,
    ) as EventRow[];
  }

  /** Whether the index in D1 has this run as it is. */
  recorded(): boolean {
    return this.#rows<{ recorded: number }>('SELECT recorded FROM run')[0]?.recorded === 1;
  }

  markRecorded(): void {
    this.#exec('UPDATE run SET recorded = 1');
  }

  /** What decides the next upkeep. */
  upkeep(): Omit<Upkeep, 'retentionMs'> {
    const row = this.#rows<{ status: string; completed_at: number | null; recorded: number }>(
      'SELECT status, completed_at, recorded FROM run',
    )[0];
    return {
      status: (row?.status ?? 'failed') as RunStatus,
      completedAt: row?.completed_at ?? null,
      recorded: row?.recorded === 1,
      deltasKept:
        this.#rows("SELECT 1 FROM events WHERE type IN ('perspective.delta', 'merge.delta') LIMIT 1").length >
        0,
    };
  }

  /** Forgets the deltas of a finished run; each answer stays whole. */
  dropDeltas(): void {
    this.#exec("DELETE FROM events WHERE type IN ('perspective.delta', 'merge.delta')");
  }

  /** Ends a run that cannot be driven: what is open fails, what is done stays. */
  giveUp(at: number): void {
    const error = {
      code: 'internal',
      message: 'Something failed on our side. It was recorded; please ask again.',
      retryable: true,
    };
    for (const { index, status } of this.#perspectives()) {
      if (status !== 'pending' && status !== 'streaming') continue;
      this.endPerspective(
        index,
        { ...UNKNOWN, status: 'failed', content: this.publishedText(index), error },
        null,
      );
    }
    this.finish(runStatus(this.standing()), at);
  }

  /** Counts a drive that threw, and says how many there were. */
  countFailure(): number {
    this.#exec('UPDATE run SET failures = failures + 1');
    return this.#rows<{ failures: number }>('SELECT failures FROM run')[0]?.failures ?? 0;
  }

  #perspectives(): StoredPerspective[] {
    return this.#rows<{ position: number; status: string; asked: number; outcome: string | null }>(
      'SELECT position, status, asked, outcome FROM perspectives ORDER BY position',
    ).map((row) => {
      const calls = this.#texts.load(`calls-${row.position}`);
      return {
        index: row.position,
        status: row.status as StoredPerspective['status'],
        asked: row.asked,
        content: this.#texts.load(`content-${row.position}`),
        ...(row.outcome === null ? UNKNOWN : (JSON.parse(row.outcome) as Outcome)),
        ...(calls === '' ? {} : { toolCalls: JSON.parse(calls) as PerspectiveToolCall[] }),
      };
    });
  }

  #receipt(line: ReceiptLine): void {
    this.#exec('INSERT OR IGNORE INTO receipt (id, line) VALUES (?, ?)', line.id, JSON.stringify(line));
  }

  #event(type: EventRow['type'], position: number | null, text: string): void {
    const insert = (part: string) =>
      this.#exec('INSERT INTO events (type, position, text) VALUES (?, ?, ?)', type, position, part);
    if (text === '') insert('');
    for (const { part } of wholeParts(text, MAX_TEXT)) insert(part);
  }

  #change<T>(work: () => T): T {
    const result = this.#storage.transactionSync(work);
    this.#onChange();
    return result;
  }

  #exec(sql: string, ...bindings: SqlStorageValue[]): void {
    this.#storage.sql.exec(sql, ...bindings);
  }

  #rows<Row extends Record<string, SqlStorageValue>>(sql: string, ...bindings: SqlStorageValue[]): Row[] {
    return this.#storage.sql.exec<Row>(sql, ...bindings).toArray();
  }
}

/** Under which name the text of a perspective's calls is kept while it writes them. */
function writtenName(index: number): string {
  return `written-${index}`;
}

const UNKNOWN: Outcome = {
  finishReason: null,
  usage: NO_USAGE,
  costNano: ZERO,
  latencyMs: null,
  firstTokenMs: null,
  keyStrategy: 'none',
  error: null,
};
