import { env, runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, type ExpectStatic, expect, inject, it } from 'vitest';
import type { Run, RunEvent } from '../../src/contracts/perspectives.ts';
import { configOf } from '../../src/env.ts';
import { loadCatalog } from '../../src/features/catalog/index.ts';
import { usageEvents } from '../../src/features/metering/index.ts';
import { type ReceiptLine, RunHolds } from '../../src/features/perspectives/index.ts';
import type { MergeCall } from '../../src/features/perspectives/merge/index.ts';
import { MergeCaller } from '../../src/features/perspectives/merge-caller.ts';
import { createCallContext } from '../../src/features/providers/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { ZERO } from '../../src/platform/money.ts';
import { Client, newTenant } from '../worker/client.ts';
import { ask, eventsOf, type Json, putModel } from '../worker/gateway-client.ts';
import { differencesOfAll } from '../worker/reconcile-all.ts';

/**
 * A token of output is 300,000 nano-dollars and a tenth, so the dollar of a new tenant pays 3,030 of them. The answers have 4,000, and 1,200 are held for each at first.
 */
const PRICING = { input: 1, output: 300 };
const CHEAP = { input: 1, output: 1 };
const TOKEN = 330_000;
const LONG = '[[heavy:4]]';
const LIKELY = 1_200;

beforeAll(async () => {
  const chat = { category: 'chat', pricing: PRICING };
  await putModel('openai/long', { ...chat, upstream_name: 'swift' });
  await putModel('anthropic/long', { ...chat, upstream_name: 'sage' });
  await putModel('anthropic/delayed', { ...chat, upstream_name: 'sage' });
  // It is dear to be read by: two answers together have some 12,000 tokens, of which 2,400 are expected.
  await putModel('openai/reader', {
    category: 'chat',
    upstream_name: 'swift',
    pricing: { input: 40, output: 40 },
  });
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    await putModel(`openai/cheap-${name}`, { category: 'chat', upstream_name: 'swift', pricing: CHEAP });
});

const standing = async ({ tenantId }: Client) => {
  const answer = await env.TENANT_LEDGER.getByName(tenantId).standing(tenantId);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
};
const transactions = async ({ tenantId }: Client) => {
  const answer = await env.TENANT_LEDGER.getByName(tenantId).transactions(tenantId, null, 50);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value.filter(({ type }) => type === 'usage');
};
const chargesOf = ({ receipt }: Run) => receipt.lines.map(({ charge_nano_usd: charge = -1 }) => charge);
const totalOf = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const tokensIn = (text: string | undefined) => (text ?? '').length / 4;

/** The ledger has each line of the receipt as a transaction, holds nothing more, and usage says the same. */
async function settledExactly(
  { expect }: { expect: ExpectStatic },
  client: Client,
  run: Run,
  ended: number,
): Promise<void> {
  const charges = chargesOf(run).filter((charge) => charge > 0);
  const spent = totalOf(charges);
  await expect
    .poll(async () => (await transactions(client)).length, { timeout: 15_000 })
    .toBe(charges.length);
  const taken = await transactions(client);
  const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
  expect(sorted(taken.map(({ amount, short }) => short - amount))).toEqual(sorted(charges));
  expect(await standing(client)).toMatchObject({ balance: Math.max(0, 1e9 - spent), reserved: 0 });
  const events = () => tenantDb(env.DB, client).select(usageEvents, { where: undefined, limit: 20 });
  await expect
    .poll(async () => (await events()).length, { timeout: 15_000 })
    .toBeGreaterThanOrEqual(charges.length);
  const counted = await events();
  expect(totalOf(counted.map(({ chargeNano }) => chargeNano))).toBe(spent);
  expect(counted.filter(({ errorKind }) => errorKind === 'credit_limit')).toHaveLength(ended);
}

/** Stops the object as a crash does: its memory and its open calls are gone, its storage stays. */
async function crash(id: string): Promise<void> {
  await runInDurableObject(env.PERSPECTIVE_RUN.getByName(id), (_instance, state) => {
    state.abort('crashed by a test');
  }).catch((error: unknown) => {
    if (!String(error).includes('crashed by a test')) throw error;
  });
}

async function crashedWhen(
  client: Client,
  body: Record<string, unknown>,
  until: (event: RunEvent) => boolean | Promise<boolean>,
): Promise<Run> {
  const { response, events } = await client.stream(body);
  const id = response.headers.get('x-run-id') ?? '';
  for await (const { event } of events) if (await until(event)) break;
  await crash(id);
  return finished({ expect }, client, id);
}

async function finished({ expect }: { expect: ExpectStatic }, client: Client, id: string): Promise<Run> {
  let run: Run | undefined;
  const status = async () => {
    run = await (await client.fetch(`/v1/perspectives/${id}`)).json<Run>();
    return run.status;
  };
  await expect.poll(status, { timeout: 30_000 }).not.toBe('running');
  if (run === undefined) throw new Error('no run');
  return run;
}

describe.concurrent('an answer of a run that outgrows the credit', () => {
  it('is ended and marked, is charged what was said, and the others go on', async ({ expect }) => {
    const client = await newTenant();
    const { response, events } = await client.stream({
      prompt: LONG,
      models: ['openai/cheap-a', 'openai/long', 'anthropic/long'],
    });
    const all = await Array.fromAsync(events);
    const run = await finished({ expect }, client, response.headers.get('x-run-id') ?? '');
    expect(run.status).toBe('completed');
    expect(run.perspectives.map(({ finish_reason: reason }) => reason)).toEqual([
      'stop',
      'credit_limit',
      'credit_limit',
    ]);
    const told = all.flatMap(({ event }) => (event.type === 'perspective.completed' ? [event] : []));
    expect(JSON.stringify(told).split('"credit_limit"')).toHaveLength(3);
    expect(run.receipt.lines.map(({ stop_reason: reason }) => reason).sort()).toEqual([
      'credit_limit',
      'credit_limit',
      undefined,
    ]);
    const [cheap, ...long] = run.perspectives.map(({ content }) => content);
    expect(tokensIn(cheap)).toBe(4_000);
    for (const text of long) {
      expect(text).toMatch(/^(xxx )+$/);
      expect(tokensIn(text)).toBeGreaterThanOrEqual(LIKELY);
    }
    // All that there was, a tenth beyond, and no token more.
    const spent = totalOf(chargesOf(run));
    expect(spent).toBeGreaterThan(0.95e9);
    expect(spent).toBeLessThanOrEqual(1.1e9 + 2 * TOKEN);
    await settledExactly({ expect }, client, run, 2);
  });

  it('is ended in a group of models that is asked elsewhere, too', async ({ expect }) => {
    const client = await newTenant();
    const run = await client.run({
      prompt: LONG,
      models: [
        'openai/cheap-a',
        'openai/long',
        'openai/cheap-b',
        'openai/cheap-c',
        'openai/cheap-d',
        'openai/cheap-e',
      ],
    });
    expect(run.perspectives.map(({ finish_reason: reason }) => reason === 'credit_limit')).toEqual(
      run.perspectives.map(({ index }) => index === 1),
    );
    expect(tokensIn(run.perspectives[1]?.content)).toBeGreaterThan(1_920);
    expect(totalOf(chargesOf(run))).toBeLessThanOrEqual(1.1e9 + TOKEN);
    await settledExactly({ expect }, client, run, 1);
  });

  it('that ends within what is left is whole', async ({ expect }) => {
    const client = await newTenant();
    const run = await client.run({ prompt: 'Hello', models: ['openai/long', 'anthropic/long'] });
    expect(run.perspectives.map(({ finish_reason: reason }) => reason)).toEqual(['stop', 'stop']);
    await settledExactly({ expect }, client, run, 0);
  });

  it('or a hard budget, or what its key may spend in the month, is ended there', async ({ expect }) => {
    const bounded = async (limits: { readonly key?: number; readonly budget?: number }) => {
      const client = await newTenant();
      if (limits.budget !== undefined)
        await client.fetch('/v1/budgets', { body: { name: 'Bound', limit_usd: limits.budget } });
      const made = await client.fetch('/v1/api-keys', {
        body: { name: 'Key', ...(limits.key === undefined ? {} : { monthly_limit_usd: limits.key }) },
      });
      const { key } = await made.json<{ key: string }>();
      const run = await new Client(key, client.tenantId).run({ prompt: LONG, models: ['openai/long'] });
      expect(run.perspectives[0]?.finish_reason).toBe('credit_limit');
      await settledExactly({ expect }, client, run, 1);
      return totalOf(chargesOf(run));
    };
    for (const limits of [{ key: 0.6 }, { budget: 0.6 }, { key: 0.9, budget: 0.6 }]) {
      const spent = await bounded(limits);
      expect(spent).toBeGreaterThan(0.57e9);
      expect(spent).toBeLessThanOrEqual(0.66e9 + TOKEN);
    }
  });

  it('on an own key has no such end', async ({ expect }) => {
    const client = await newTenant();
    const made = await client.fetch('/v1/provider-keys', {
      body: {
        provider: 'openai',
        key: 'test-only-own-openai-key-0123456789',
        base_url: `${inject('localModelsUrl')}/v1`,
        validate: false,
      },
    });
    expect(made.status).toBe(201);
    const run = await client.run({ prompt: LONG, models: ['openai/long', 'openai/cheap-a'] });
    expect(run.perspectives.map(({ finish_reason: reason }) => reason)).toEqual(['stop', 'stop']);
    expect(run.perspectives.map(({ content }) => tokensIn(content))).toEqual([4_000, 4_000]);
    expect(chargesOf(run)).toEqual([0, 0]);
    expect(await standing(client)).toMatchObject({ balance: 1e9, reserved: 0 });
  });
});

describe('after an eviction', () => {
  it('an answer that had begun is charged what it had said, also beyond what was held at first', async ({
    expect,
  }) => {
    const client = await newTenant();
    let said = 0;
    const run = await crashedWhen(
      client,
      { prompt: `${LONG} [[stall:2000]]`, models: ['openai/long'] },
      (event) => {
        if (event.type === 'perspective.delta') said += tokensIn(event.delta);
        return said >= 2_000;
      },
    );
    expect(run.perspectives[0]).toMatchObject({ status: 'failed', error: { code: 'interrupted' } });
    const [line] = run.receipt.lines;
    expect(line?.output_tokens).toBe(2_000);
    // The provider's price with what the plan adds: all of it was held by then.
    expect(line?.charge_nano_usd).toBe(Math.ceil(((line?.cost_nano_usd ?? 0) * 11) / 10));
    await settledExactly({ expect }, client, run, 0);
  });

  it('one that is asked again ends where the credit does, of which others have had theirs', async ({
    expect,
  }) => {
    // Its provider takes no more for a while: the second has not said a word when the machine stops, and is asked again.
    await (await ask(await newTenant(), 'chat', 'anthropic/delayed', '[[left:0 1800ms]]')).text();
    const client = await newTenant();
    const run = await crashedWhen(
      client,
      { prompt: LONG, models: ['openai/long', 'anthropic/delayed'] },
      (event) => event.type === 'perspective.completed' && event.index === 0,
    );
    expect(run.perspectives.map(({ finish_reason: reason }) => reason)).toEqual([
      'credit_limit',
      'credit_limit',
    ]);
    const [first, second] = run.perspectives.map(({ content }) => tokensIn(content));
    expect(first).toBeGreaterThan(1_500);
    expect(second).toBeGreaterThanOrEqual(LIKELY);
    const asked = await runInDurableObject(env.PERSPECTIVE_RUN.getByName(run.id), (_instance, state) =>
      state.storage.sql.exec('SELECT asked FROM perspectives ORDER BY position').toArray(),
    );
    expect(asked).toEqual([{ asked: 1 }, { asked: 2 }]);
    // All that there was, and a tenth beyond: what the first had taken was not forgotten.
    expect(totalOf(chargesOf(run))).toBeLessThanOrEqual(1.1e9 + 2 * TOKEN);
    await settledExactly({ expect }, client, run, 2);
  });
});

describe.concurrent('a merge', () => {
  it('that nothing is left for is not asked for, and a simpler one stands in its place', async ({
    expect,
  }) => {
    const client = await newTenant();
    const run = await client.run({
      prompt: 'Describe a river, in 6000 words',
      models: ['openai/cheap-a', 'openai/cheap-b'],
      merge: { strategy: 'synthesize', model: 'openai/reader' },
    });
    expect(run.status).toBe('completed');
    expect(run.merge?.fallback?.reason).toContain(
      'openai/reader could not be had (the credit did not reach)',
    );
    expect(run.receipt.lines.map(({ purpose }) => purpose)).toEqual(['perspective', 'perspective', 'merge']);
    expect(totalOf(chargesOf(run))).toBeLessThanOrEqual(1.1e9);
    await settledExactly({ expect }, client, run, 0);
  });

  /** A merge's calls on so much credit and not a nano-dollar more. */
  async function callerOf(held: number) {
    const config = configOf(env);
    const catalog = await loadCatalog(env, config, systemClock, []);
    const lines: ReceiptLine[] = [];
    const holds = new RunHolds(
      { total: held, perspectives: [], merge: held, own: 0 },
      { perspectives: [], receipt: [] },
      async () => ({ granted: false, room: ZERO }),
      () => undefined,
    );
    holds.beginMerge();
    const { signal } = new AbortController();
    const caller = new MergeCaller(catalog, createCallContext(env, config), signal, holds, (line) =>
      lines.push(line),
    );
    return { caller, lines };
  }
  const call: MergeCall = {
    id: 'write',
    modelId: 'openai/long',
    purpose: 'merge',
    perspective: null,
    messages: [{ role: 'user', parts: [{ type: 'text', text: LONG }] }],
    maxTokens: 8_000,
  };
  /** What 1,000 tokens of output cost, with what is asked. */
  const HELD = 1_000 * 300_000 + 10_000;

  it('is ended and marked where it streams, with what it had said', async ({ expect }) => {
    const { caller, lines } = await callerOf(HELD);
    let shown = '';
    const reply = await caller.stream(call, (text) => {
      shown += text;
    });
    expect(reply).toEqual({ text: shown, finishReason: 'length', stopReason: 'credit_limit' });
    expect(tokensIn(shown)).toBe(1_100);
    expect(lines).toMatchObject([{ stopReason: 'credit_limit', usage: { outputTokens: 1_100 } }]);
    expect(lines[0]?.costNano).toBeLessThanOrEqual(1.1 * HELD);
    expect(lines[0]).not.toHaveProperty('dueNano');
    await expect(caller.ask(call)).rejects.toMatchObject({ error: { code: 'credit_limit' } });
  });

  it('is bounded and marked where it comes whole', async ({ expect }) => {
    const { caller, lines } = await callerOf(HELD);
    const reply = await caller.ask(call);
    expect(reply).toMatchObject({ finishReason: 'length', stopReason: 'credit_limit' });
    // What is likely at first, a quarter of the rest, and a tenth.
    expect(tokensIn(reply.text)).toBeGreaterThan(400);
    expect(tokensIn(reply.text)).toBeLessThanOrEqual(550);
    expect(lines).toMatchObject([{ stopReason: 'credit_limit', purpose: 'merge' }]);
  });
});

describe.concurrent('a run as a model whose answer outgrew the credit', () => {
  it.for(['chat', 'messages', 'responses'] as const)('says so over %s', async (shape, { expect }) => {
    for (const stream of [false, true]) {
      const client = await newTenant();
      await client.fetch('/v1/routing/panels', {
        body: { name: 'alone', models: ['openai/long'], strategy: 'best_of' },
      });
      const body = { stream, ...(shape === 'messages' ? { max_tokens: 30_000 } : {}) };
      const response = await ask(client, shape, 'parallax/alone', LONG, { body });
      const texts = stream
        ? (await eventsOf(response)).map(({ data }) => data).filter((data) => data !== '[DONE]')
        : [await response.text()];
      const marked = texts
        .map((text) => JSON.parse(text) as Json)
        .filter((one) => JSON.stringify(one).includes('credit_limit'));
      expect(marked).toHaveLength(1);
      expect(JSON.stringify(marked)).toMatch(/"(length|max_tokens|max_output_tokens)"/);
      expect(JSON.stringify(marked)).toContain('"parallax":{"stop_reason":"credit_limit"}');
    }
  });
});

it('all of this leaves ledgers, mirror and usage that agree in every line', async () => {
  await expect.poll(differencesOfAll, { timeout: 15_000, interval: 1_000 }).toEqual([]);
});
