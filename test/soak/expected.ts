import type { LedgerTransaction } from '../../src/features/metering/index.ts';
import type { Answers } from './tenant-under-soak.ts';

/** What the ledger does by itself: the opening credit, credit that ends, debts that a credit pays. */
const OF_ITS_OWN = /^opening$|^expired:|\/owed$/;

/**
 * Every operation that was accepted against the ledger's transactions: each has exactly one, with its amount; nothing else is there. Returns what is wrong, in
 * words.
 */
export function wrongTransactions(answers: Answers, transactions: readonly LedgerTransaction[]): string[] {
  const wrong: string[] = [];
  const byId = new Map<string, LedgerTransaction>();
  for (const transaction of transactions) {
    if (byId.has(transaction.id)) wrong.push(`${transaction.id} is there twice`);
    byId.set(transaction.id, transaction);
  }
  const expect = (id: string, amount: number, short: number) => {
    const found = byId.get(id);
    byId.delete(id);
    if (found === undefined) wrong.push(`${id} is missing`);
    else if (found.amount !== amount || found.short !== short)
      wrong.push(`${id}: expected ${amount} and ${short} short, found ${found.amount} and ${found.short}`);
  };
  for (const { told, answer } of answers.values()) {
    switch (told.kind) {
      case 'credit':
        expect(told.operation.id, told.operation.amount, 0);
        break;
      case 'debit':
        if (answer !== null) expect(told.operation.id, -told.operation.amount, 0);
        break;
      case 'refund': {
        const { taken, owed } = answer as { taken: number; owed: number };
        expect(told.operation.id, 0 - taken, owed);
        if (taken + owed !== told.operation.amount)
          wrong.push(`${told.operation.id} took ${taken} and ${owed}`);
        break;
      }
      case 'settle': {
        if (told.operation.cost === 0) break;
        const { charged, uncollected } = answer as { charged: number; uncollected: number };
        expect(`settle:${told.operation.id}`, 0 - charged, uncollected);
        if (charged + uncollected !== told.operation.cost)
          wrong.push(`${told.operation.id} was charged ${charged}`);
        break;
      }
      case 'sync':
        for (const { callId, cost } of told.operation.settlements) {
          const found = byId.get(callId);
          expect(callId, found?.amount ?? 0, cost + (found?.amount ?? 0));
        }
        break;
      default:
    }
  }
  for (const id of byId.keys()) if (!OF_ITS_OWN.test(id)) wrong.push(`${id} was never told`);
  return wrong;
}

/**
 * The simple model: the balance of a tenant that always has enough, from what was told alone. Credit that ends is left out of it: the ledger says what was
 * left of it then.
 */
export function modelBalance(
  opening: number,
  answers: Answers,
  transactions: readonly LedgerTransaction[],
): number {
  let balance = opening;
  for (const { told } of answers.values()) {
    const { kind, operation } = told;
    if (kind === 'credit') balance += operation.amount;
    else if (kind === 'debit' || kind === 'refund') balance -= operation.amount;
    else if (kind === 'settle') balance -= operation.cost;
    else if (kind === 'sync') for (const { cost } of operation.settlements) balance -= cost;
  }
  for (const { id, amount } of transactions) if (id.startsWith('expired:')) balance += amount;
  return balance;
}
