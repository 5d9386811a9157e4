import type { RunHeader, RunHeld, RunTokens } from '../../src/features/perspectives/index.ts';

/** A run's header as it is kept: what was taken for the run changes while it goes on. */
export class HeaderRow {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** Throws where there is no run. */
  read(): RunHeader {
    const [row] = this.#storage.sql.exec<{ header: string }>('SELECT header FROM run').toArray();
    if (row === undefined) throw new Error('this object holds no run');
    return JSON.parse(row.header) as RunHeader;
  }

  /** Keeps that uses of the tenant's quotas were taken under the run's name. */
  markCounted(): void {
    this.#set('counted', true);
  }

  /** Keeps what is held of credit. */
  keepHeld(held: RunHeld): void {
    this.#set('held', held);
  }

  /** Keeps that tokens were taken for what begins now, from the next line of the receipt on: they are settled with the next recording. */
  keepTokens({ id, taken }: Pick<RunTokens, 'id' | 'taken'>): void {
    this.#storage.transactionSync(() => {
      const { n: from } = this.#storage.sql.exec<{ n: number }>('SELECT COUNT(*) AS n FROM receipt').one();
      const before = this.#tokens().map((one) => (one.to === undefined ? { ...one, to: from } : one));
      this.#set('tokens', [...before, { id, taken, from }]);
      this.#storage.sql.exec('UPDATE run SET recorded = 0');
    });
  }

  /** Keeps that those have been settled. */
  markSettled(ids: readonly string[]): void {
    this.#storage.transactionSync(() =>
      this.#set(
        'tokens',
        this.#tokens().map((one) => (ids.includes(one.id) ? { ...one, settled: true } : one)),
      ),
    );
  }

  #tokens(): readonly RunTokens[] {
    return this.read().tokens ?? [];
  }

  #set(member: keyof RunHeader, value: unknown): void {
    this.#storage.sql.exec(
      `UPDATE run SET header = json_set(header, '$.${member}', json(?))`,
      JSON.stringify(value),
    );
  }
}
