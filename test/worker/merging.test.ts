import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { MERGE_STRATEGIES, type Run, runSchema } from '../../src/contracts/perspectives.ts';
import { type Client, newTenant, OPERATOR_TOKEN, ORIGIN, problemOf } from './client.ts';

const TRIO = ['local/swift', 'local/sage', 'local/scribe'];

let client: Client;

/** Gives a local model a price, as an operator does: money is tested with prices, and the stand-ins have none of their own. */
async function setPrice(model: string, pricing: { input: number; output: number }): Promise<void> {
  const response = await exports.default.fetch(`${ORIGIN}/v1/operator/models/${model}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ pricing }),
  });
  expect(response.ok).toBe(true);
  await response.body?.cancel();
}

beforeAll(async () => {
  await setPrice('local/swift', { input: 1, output: 4 });
  await setPrice('local/sage', { input: 3, output: 15 });
  await setPrice('local/scribe', { input: 0.1, output: 0.4 });
  client = await newTenant();
});

const ask = (strategy: string, more: Record<string, unknown> = {}) =>
  client.run({
    prompt: 'Should a small team use microservices?',
    models: TRIO,
    merge: { strategy, ...more },
  });

/** What every run must satisfy in figures: the receipt is exact, and everything else is its sum. */
function expectExact(run: Run): void {
  const total = run.receipt.lines.reduce((sum, line) => sum + line.cost_nano_usd, 0);
  expect(run.receipt.total_nano_usd).toBe(total);
  expect(run.usage.cost_usd).toBe(total / 1e9);
  expect(run.usage.output_tokens).toBe(run.receipt.lines.reduce((sum, line) => sum + line.output_tokens, 0));
  for (const line of run.receipt.lines) {
    const [input, output] = {
      'local/swift': [1000, 4000],
      'local/sage': [3000, 15_000],
      'local/scribe': [100, 400],
    }[line.model] ?? [0, 0];
    expect(line.cost_nano_usd).toBe(line.input_tokens * (input ?? 0) + line.output_tokens * (output ?? 0));
  }
}

describe('merging', () => {
  it.each(MERGE_STRATEGIES)(
    'by %s gives a valid merge whose every call is on the receipt',
    async (strategy) => {
      const run = await ask(strategy);
      expect(runSchema.parse(run)).toEqual(run);
      expect(run.merge).toMatchObject({ strategy, fallback: null, model: 'local/sage' });
      expect(run.merge?.content.length).toBeGreaterThan(20);
      expect(run.merge?.contributions.map(({ perspective }) => perspective)).toEqual([0, 1, 2]);
      expect(run.merge?.contributions.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 2);
      const merging = run.receipt.lines.filter(({ purpose }) => purpose !== 'perspective');
      expect(merging.length).toBeGreaterThan(0);
      expect(run.merge?.cost_usd).toBe(merging.reduce((sum, line) => sum + line.cost_nano_usd, 0) / 1e9);
      expectExact(run);
    },
  );

  it('by consensus says who agrees on what and who holds what, claim by claim', async () => {
    const { merge } = await ask('consensus');
    expect(merge?.agreements?.some(({ perspectives }) => perspectives.length === 3)).toBe(true);
    expect(merge?.disagreements?.length).toBeGreaterThan(0);
    for (const { positions } of merge?.disagreements ?? []) {
      expect(new Set(positions.map(({ holds }) => holds)).size).toBeGreaterThan(1);
      for (const { perspective, model } of positions) expect(TRIO[perspective]).toBe(model);
    }
  });

  it('by best_of gives one of the answers word for word', async () => {
    const run = await ask('best_of');
    expect(run.perspectives.map(({ content }) => content)).toContain(run.merge?.content);
  });

  it('by debate holds real rounds, each paid for by the model that spoke', async () => {
    const run = await ask('debate', { rounds: 2 });
    expect(run.merge?.rounds?.length).toBeGreaterThan(0);
    for (const { positions } of run.merge?.rounds ?? [])
      expect(positions.map(({ model }) => model)).toEqual(TRIO);
    const spoken = run.receipt.lines.filter(({ purpose }) => purpose === 'debate');
    expect(spoken.length).toBe(3 * (run.merge?.rounds?.length ?? 0));
    expectExact(run);
  });

  it('falls back, and says so, when the model that merges is down; the answers stand', async () => {
    const run = await ask('consensus', { model: 'local/overloaded' });
    expect(run.status).toBe('completed');
    expect(run.merge).toMatchObject({
      strategy: 'best_of',
      fallback: { from: 'consensus' },
      model: null,
      cost_usd: 0,
    });
    expect(run.merge?.fallback?.reason.length).toBeGreaterThan(10);
    expect(run.perspectives.map(({ content }) => content)).toContain(run.merge?.content);
  });

  it('merges what there is when some models fail, and nothing when all do', async () => {
    const partial = await client.run({
      prompt: 'Tea or coffee?',
      models: ['local/swift', 'local/overloaded', 'local/scribe'],
      merge: { strategy: 'consensus' },
    });
    expect(partial.merge?.contributions.map(({ perspective }) => perspective)).toEqual([0, 2]);
    const failed = await client.run({
      prompt: 'Tea or coffee?',
      models: ['local/overloaded'],
      merge: { strategy: 'consensus' },
    });
    expect(failed).toMatchObject({ status: 'failed', merge: null });
  });

  it('streams the merged text before the merge', async () => {
    const { events } = await client.stream({
      prompt: 'Should passwords expire?',
      models: TRIO,
      merge: { strategy: 'synthesize' },
    });
    const all = (await Array.fromAsync(events)).map(({ event }) => event);
    const text = all.flatMap((event) => (event.type === 'merge.delta' ? [event.delta] : [])).join('');
    const merged = all.find((event) => event.type === 'merge.completed');
    expect(merged?.merge.content).toBe(text);
    expect(all.findIndex(({ type }) => type === 'merge.delta')).toBeGreaterThan(
      all.findLastIndex(({ type }) => type === 'perspective.completed'),
    );
  });
});

describe('merging a finished run again', () => {
  it('replaces the merge, adds to the receipt, and changes the list', async () => {
    const first = await ask('best_of');
    const again = await (
      await client.fetch(`/v1/perspectives/${first.id}/merge`, {
        body: { strategy: 'consensus', model: 'local/scribe' },
      })
    ).json<Run>();
    expect(again.merge).toMatchObject({ strategy: 'consensus', model: 'local/scribe' });
    expect(again.receipt.lines.slice(0, first.receipt.lines.length)).toEqual(first.receipt.lines);
    expect(again.receipt.lines.length).toBeGreaterThan(first.receipt.lines.length);
    expectExact(again);
    const list = await (await client.fetch('/v1/perspectives?limit=100')).json<{
      data: { id: string; strategy: string; cost_usd: number }[];
    }>();
    expect(list.data.find(({ id }) => id === first.id)).toMatchObject({
      strategy: 'consensus',
      cost_usd: again.usage.cost_usd,
    });
  });

  it('is refused when there is nothing to merge, or a price it must not have', async () => {
    const failed = await client.run({ prompt: 'Nobody', models: ['local/overloaded'] });
    expect(
      await problemOf(
        await client.fetch(`/v1/perspectives/${failed.id}/merge`, { body: { strategy: 'best_of' } }),
      ),
    ).toBe('409 conflict');
    const run = await ask('best_of');
    const refused = await client.fetch(`/v1/perspectives/${run.id}/merge`, {
      body: { strategy: 'debate', max_cost_usd: 0.000001 },
    });
    expect(await problemOf(refused)).toBe('402 max_cost_exceeded max_cost_usd');
    expect((await (await client.fetch(`/v1/perspectives/${run.id}`)).json<Run>()).merge).toEqual(run.merge);
  });
});

describe('a quote', () => {
  it.each([...MERGE_STRATEGIES, null])('bounds what a run with %s then costs', async (strategy) => {
    const body = {
      prompt: 'Should a small team use microservices?',
      models: TRIO,
      max_tokens: 400,
      ...(strategy === null ? {} : { merge: { strategy } }),
    };
    const quote = await (await client.fetch('/v1/perspectives/quote', { body })).json<{
      expected_usd: number;
      maximum_usd: number;
      unpriced: string[];
    }>();
    expect(quote.unpriced).toEqual([]);
    expect(quote.maximum_usd).toBeGreaterThanOrEqual(quote.expected_usd);
    const run = await client.run({ ...body, max_cost_usd: quote.maximum_usd });
    expect(run.usage.cost_usd).toBeGreaterThan(0);
    expect(run.usage.cost_usd).toBeLessThanOrEqual(quote.maximum_usd);
  });

  it('is in the error when the bound is below it, and nothing is spent', async () => {
    const before = await (await client.fetch('/v1/perspectives?limit=1')).json<{ data: { id: string }[] }>();
    const response = await client.fetch('/v1/perspectives', {
      body: { prompt: 'Hi', models: TRIO, max_cost_usd: 0.000001 },
    });
    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({
      code: 'max_cost_exceeded',
      estimate: { maximum_usd: expect.any(Number) },
    });
    expect(await (await client.fetch('/v1/perspectives?limit=1')).json()).toEqual(before);
  });
});
