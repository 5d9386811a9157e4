import type {
  Credit,
  CreditQuestion,
  Debit,
  LedgerOperation,
  Refund,
  Reserve,
  Settle,
} from '../../src/features/metering/index.ts';
import type { Random } from './random.ts';

/** Something that is told a ledger. */
export type Told =
  | { readonly kind: 'credit'; readonly operation: Credit }
  | { readonly kind: 'debit'; readonly operation: Debit }
  | { readonly kind: 'refund'; readonly operation: Refund }
  | { readonly kind: 'reserve'; readonly operation: Reserve }
  | { readonly kind: 'settle'; readonly operation: Settle }
  | { readonly kind: 'release'; readonly operation: LedgerOperation }
  | { readonly kind: 'sync'; readonly operation: CreditQuestion };

/** Most that anything costs, nano-dollars: half a cent. */
const MOST = 5_000_000;
/** How far from its place an operation may come. */
const DISORDER = 40;

/**
 * What a tenant's ledger is told: purchases and refunds of them, runs that are held and settled, released or forgotten, gifts that end, corrections, and isolates that
 * borrow and report. About a quarter comes before what it rests on, or long after it; every seventh is told twice or more.
 */
export function storyOf(tenantId: string, count: number, random: Random, now: number): Told[] {
  const told: Told[] = [];
  const amount = () => random.between(1, MOST);
  const reference = (id: string) => ({ type: 'soak', id });
  for (let n = 0; told.length < count; n++) {
    const id = `${n}`;
    const kind = random.next();
    if (kind < 0.35) {
      const soon = random.chance(0.2);
      const expiresAt = soon ? now + random.between(500, 60_000) : null;
      const hold = { tenantId, id: `run:${id}`, amount: amount(), expiresAt, reference: reference(id) };
      told.push({ kind: 'reserve', operation: hold });
      if (random.chance(0.75)) {
        const cost = random.chance(0.05) ? 0 : amount();
        told.push({
          kind: 'settle',
          operation: { tenantId, id: hold.id, cost, reference: reference(id), reason: 'A run' },
        });
      } else if (!soon || random.chance(0.5))
        told.push({ kind: 'release', operation: { tenantId, id: hold.id } });
    } else if (kind < 0.45) {
      const credit = creditOf(tenantId, `purchase:${id}`, 'purchase', 'purchased', amount(), null);
      told.push({ kind: 'credit', operation: credit });
      let left = credit.amount;
      while (random.chance(0.4) && left > 1) {
        const back = random.between(1, left);
        left -= back;
        const refund = { tenantId, id: `refund:${id}:${left}`, creditId: credit.id, amount: back };
        told.push({
          kind: 'refund',
          operation: { ...refund, reference: reference(id), reason: 'Given back' },
        });
      }
    } else if (kind < 0.5) {
      const ends = now + random.between(200, 120_000);
      told.push({
        kind: 'credit',
        operation: creditOf(tenantId, `gift:${id}`, 'bonus', 'promotional', amount(), ends),
      });
    } else if (kind < 0.55) {
      told.push({
        kind: 'debit',
        operation: {
          tenantId,
          id: `debit:${id}`,
          amount: amount(),
          reference: reference(id),
          reason: 'Correction',
        },
      });
    } else {
      const calls = random.between(1, 4);
      const held = random.between(0, MOST);
      told.push({
        kind: 'sync',
        operation: {
          tenantId,
          leaseId: `isolate:${random.between(1, 4)}`,
          settlements: Array.from({ length: calls }, (_, call) => ({
            callId: `call_${tenantId}_${id}_${call}`,
            cost: random.between(1, MOST / 10),
          })),
          held,
          needed: held + random.between(0, MOST),
          wanted: held + MOST + random.between(0, MOST),
          leaseMs: random.between(500, 30_000),
        },
      });
    }
  }
  return repeated(disordered(told.slice(0, count), random), random);
}

function creditOf(
  tenantId: string,
  id: string,
  type: Credit['type'],
  bucket: Credit['bucket'],
  amount: number,
  expiresAt: number | null,
): Credit {
  return { tenantId, id, type, bucket, amount, expiresAt, reference: { type: 'soak', id }, reason: 'Credit' };
}

function disordered(all: readonly Told[], random: Random): Told[] {
  const places = all.map((told, at) => ({
    told,
    at: at + (random.chance(0.25) ? random.between(-DISORDER, DISORDER) : 0),
  }));
  return places.sort((a, b) => a.at - b.at).map(({ told }) => told);
}

/** Every seventh once more at once, or much later. */
function repeated(all: readonly Told[], random: Random): Told[] {
  const result: Told[] = [];
  const late: { readonly told: Told; readonly at: number }[] = [];
  all.forEach((told, at) => {
    result.push(told);
    if (random.chance(1 / 14)) result.push(told);
    if (random.chance(1 / 14)) late.push({ told, at: at + random.between(100, 2_000) });
    while (late[0] !== undefined && late[0].at <= at) result.push((late.shift() as { told: Told }).told);
  });
  return [...result, ...late.map(({ told }) => told)];
}
