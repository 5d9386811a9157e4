import { env, runInDurableObject } from 'cloudflare:test';
import type { LedgerTransaction } from '../../src/features/metering/index.ts';
import type { Outcome } from '../../src/platform/errors.ts';
import type { Told } from './operations.ts';
import type { Random } from './random.ts';

/** Operations under way at once. */
const LANES = 12;
/** A crash comes about once in so many operations. */
const CRASH_EVERY = 120;

export interface Counts {
  told: number;
  refused: number;
  crashes: number;
  /** Told again because the answer was lost in a crash. */
  lostAnswers: number;
}

/** What a ledger answered to each operation at last, by kind and id; `null` for a refusal. */
export type Answers = Map<string, { readonly told: Told; readonly answer: unknown }>;

export const nameOf = ({ kind, operation }: Told): string =>
  kind === 'sync'
    ? `sync:${operation.leaseId}:${operation.settlements[0]?.callId}`
    : `${kind}:${operation.id}`;

/**
 * Tells a ledger everything, in several lanes at once, while its object is aborted in the middle of whatever it does. What got no answer is told again, until
 * it has one. Returns the last answer to each operation; throws when an accepted one is answered differently later.
 */
export async function soak(
  tenantId: string,
  story: readonly Told[],
  random: Random,
  counts: Counts,
): Promise<Answers> {
  const ledger = () => env.TENANT_LEDGER.getByName(tenantId);
  const answers: Answers = new Map();
  const waiting = [...story];
  let sinceCrash = 0;
  const lane = async () => {
    for (let told = waiting.shift(); told !== undefined; told = waiting.shift()) {
      let answer: Outcome<unknown>;
      try {
        counts.told += 1;
        answer = await tell(ledger(), told);
      } catch {
        counts.lostAnswers += 1;
        // Not at once: others come between, and it may have been done.
        waiting.splice(random.between(0, Math.min(waiting.length, 30)), 0, told);
        continue;
      }
      keep(answers, told, answer);
      // A refund that came before its purchase, and a debit that could not be paid, are told again, as their senders do.
      if (!answer.ok) {
        counts.refused += 1;
        if (told.kind === 'refund' && answer.error.code === 'not_found') waiting.push(told);
      }
      if (++sinceCrash > CRASH_EVERY && random.chance(0.1)) {
        sinceCrash = 0;
        counts.crashes += 1;
        await crash(ledger());
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return answers;
}

/** The machine stops in the middle of whatever it does: what is not written is lost, and who waits gets no answer. */
async function crash(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, (_object, state) => {
    state.abort('crashed by the soak');
  }).catch(() => undefined);
}

/** Tells one operation over RPC. */
export function tell(
  ledger: ReturnType<typeof env.TENANT_LEDGER.getByName>,
  { kind, operation }: Told,
): Promise<Outcome<unknown>> {
  // Each kind has the method of its name.
  const rpc = ledger as unknown as Record<Told['kind'], (operation: unknown) => Promise<Outcome<unknown>>>;
  return rpc[kind](operation);
}

function keep(answers: Answers, told: Told, answer: Outcome<unknown>): void {
  const name = nameOf(told);
  const before = answers.get(name);
  const value = answer.ok ? answer.value : null;
  const isMoney = told.kind !== 'reserve' && told.kind !== 'release' && told.kind !== 'sync';
  if (isMoney && before !== undefined && before.answer !== null) {
    // Done once, it is answered the same for good.
    if (JSON.stringify(before.answer) !== JSON.stringify(value))
      throw new Error(`${name} was answered differently: ${JSON.stringify([before.answer, value])}`);
  }
  answers.set(name, { told, answer: value });
}

/** All transactions of a ledger, oldest first. */
export async function allTransactions(tenantId: string): Promise<LedgerTransaction[]> {
  const all: LedgerTransaction[] = [];
  for (;;) {
    const after = all.at(-1)?.seq ?? 0;
    const { transactions } = await env.TENANT_LEDGER.getByName(tenantId).transactionsAfter(
      tenantId,
      after,
      1_000,
    );
    if (transactions.length === 0) return all;
    all.push(...transactions);
  }
}
