import { env, runDurableObjectAlarm } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { writeUsage } from '../../src/features/metering/index.ts';
import { eventOf } from '../../src/features/metering/usage-event.fixture.ts';
import { reconcile } from '../../src/features/reconciliation/index.ts';
import { unwrap } from '../../src/platform/errors.ts';
import { newId } from '../../src/platform/ids.ts';
import { createLogger } from '../../src/platform/log.ts';
import { modelBalance, wrongTransactions } from './expected.ts';
import { storyOf } from './operations.ts';
import { Random } from './random.ts';
import { type Answers, allTransactions, type Counts, soak, tell } from './tenant-under-soak.ts';

const { SOAK_OPERATIONS, SOAK_SEED } = env as unknown as { SOAK_OPERATIONS: string; SOAK_SEED: string };
const OPERATIONS = Number(SOAK_OPERATIONS);
const OPENING = 1e9;
/** Half of the tenants have always enough, half have often too little. */
const TENANTS = 8;
const reference = { type: 'soak', id: 'soak' };

it(`loses nothing and counts nothing twice in ${OPERATIONS} operations with crashes, repeats and disorder`, async () => {
  const counts: Counts = { told: 0, refused: 0, crashes: 0, lostAnswers: 0 };
  const tenants = Array.from({ length: TENANTS }, (_, n) => ({
    tenantId: newId('tenant'),
    rich: n % 2 === 0,
  }));
  const seed = Number(SOAK_SEED);
  console.log(`seed ${seed}`);
  const began = Date.now();
  const told = await Promise.all(
    tenants.map(async ({ tenantId, rich }, n) => {
      const random = new Random(seed * 100 + n);
      if (rich) await tell(env.TENANT_LEDGER.getByName(tenantId), wealth(tenantId));
      const story = storyOf(tenantId, Math.ceil(OPERATIONS / TENANTS), random, Date.now());
      return soak(tenantId, story, random, counts);
    }),
  );
  const seconds = (Date.now() - began) / 1000;

  const wrong: string[] = [];
  let transactions = 0;
  for (const [n, { tenantId, rich }] of tenants.entries()) {
    const answers = told[n] as Answers;
    if (rich) answers.set('wealth', { told: wealth(tenantId), answer: {} });
    const problems = await lookAt(tenantId, rich, answers);
    transactions += problems.transactions;
    wrong.push(...problems.wrong.map((text) => `${tenantId}: ${text}`));
  }
  const figures = {
    operations: OPERATIONS,
    'told, with repeats': counts.told,
    refused: counts.refused,
    crashes: counts.crashes,
    'answers lost in them': counts.lostAnswers,
    transactions,
    differences: wrong.length,
    seconds: Math.round(seconds),
    'operations a second': Math.round(counts.told / seconds),
  };
  for (const [name, figure] of Object.entries(figures)) console.log(`${name.padEnd(22)} ${figure}`);
  expect(wrong).toEqual([]);
});

it('lets in as many of 10,000 reserves at once as one balance pays, and none more', async () => {
  const tenantId = newId('tenant');
  const amount = 333_333;
  const answers = await Promise.all(
    Array.from({ length: 10_000 }, (_, n) =>
      env.TENANT_LEDGER.getByName(tenantId).reserve({
        tenantId,
        id: `hold:${n}`,
        amount,
        expiresAt: null,
        reference,
      }),
    ),
  );
  const accepted = answers.filter(({ ok }) => ok).length;
  expect(accepted).toBe(Math.floor(OPENING / amount));
  const standing = unwrap(await env.TENANT_LEDGER.getByName(tenantId).standing(tenantId));
  expect(standing).toMatchObject({ balance: OPENING, reserved: accepted * amount });
  console.log(
    `10,000 reserves of ${amount} against ${OPENING} nano-dollars at once: ${accepted} accepted, ${standing.reserved} reserved`,
  );
});

const wealth = (tenantId: string) =>
  ({
    kind: 'credit',
    operation: {
      tenantId,
      id: 'wealth',
      type: 'purchase',
      bucket: 'purchased',
      amount: 1e12,
      expiresAt: null,
      reference,
      reason: 'Enough',
    },
  }) as const;

/** Everything that must hold of a tenant at the end. */
async function lookAt(
  tenantId: string,
  rich: boolean,
  answers: Answers,
): Promise<{ readonly wrong: string[]; readonly transactions: number }> {
  const ledger = () => env.TENANT_LEDGER.getByName(tenantId);
  const wrong: string[] = [];
  // Whatever is still held or lent is given back: then nothing may be reserved any more.
  const ends = [...answers.values()].filter(({ told }) => told.kind === 'reserve' || told.kind === 'sync');
  for (const { told } of ends) {
    if (told.kind === 'reserve') await ledger().release({ tenantId, id: told.operation.id });
    else if (told.kind === 'sync')
      await ledger().sync({ ...told.operation, settlements: [], held: 0, needed: 0, wanted: 0 });
  }
  const standing = unwrap(await ledger().standing(tenantId));
  if (standing.reserved !== 0) wrong.push(`${standing.reserved} stay reserved`);

  const transactions = await allTransactions(tenantId);
  wrong.push(...wrongTransactions(answers, transactions));
  if (transactions.some(({ balanceAfter }) => balanceAfter < 0)) wrong.push('the balance was below 0');
  if (rich) {
    const model = modelBalance(OPENING, answers, transactions);
    if (model !== standing.balance) wrong.push(`the model says ${model}, the ledger ${standing.balance}`);
    const short = transactions.filter((one) => one.short !== 0);
    if (short.length > 0) wrong.push(`${short.length} came too short`);
  }

  // The books, the mirror and usage, as reconciliation sees them.
  const calls = [...answers.values()].flatMap(({ told }) =>
    told.kind === 'sync' ? told.operation.settlements : [],
  );
  for (let at = 0; at < calls.length; at += 1_000) {
    const some = calls.slice(at, at + 1_000);
    await writeUsage(
      env.DB,
      some.map(({ callId, cost }) => eventOf({ tenantId, id: callId, chargeNano: cost })),
      () => [],
    );
  }
  const mirrored = () =>
    env.DB.prepare('SELECT count(*) AS n FROM ledger_transactions WHERE tenant_id = ?')
      .bind(tenantId)
      .first('n');
  await expect
    .poll(
      async () => {
        await runDurableObjectAlarm(ledger());
        return mirrored();
      },
      { timeout: 120_000, interval: 500 },
    )
    .toBe(standing.seq);
  const context = {
    env,
    clock: { now: () => Date.now() + 2 * 60 * 60_000 },
    log: createLogger({}, () => undefined),
    retentionDays: 400,
  };
  const bounds = { tenants: 1, rows: 10_000_000, ms: 600_000 };
  const report = await reconcile(context, { tenantId, from: null, after: null }, bounds);
  if (report.transactions !== transactions.length) wrong.push(`${report.transactions} were compared`);
  for (const { kind, subject, expected, found } of report.differences)
    wrong.push(`${kind} ${subject}: expected ${expected}, found ${found}`);
  return { wrong, transactions: transactions.length };
}
