import { env, evictDurableObject } from 'cloudflare:test';
import { Webhook } from 'standardwebhooks';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { BudgetView } from '../../src/contracts/budgets.ts';
import { keptMails } from '../../src/platform/mail/index.ts';
import { Client, newTenant } from '../worker/client.ts';
import { ask, type Json, putModel, SHAPE_NAMES } from '../worker/gateway-client.ts';

/** Dollars per million tokens; a token of output is 100,000 nano-dollars, so that one answer costs some tenths of a cent. */
const PRICING = { input: 2, output: 100 };

beforeAll(async () => {
  await putModel('openai/swift', { pricing: PRICING, category: 'chat' });
  await putModel('openai/sage', { pricing: PRICING, category: 'chat' });
});

async function budget(client: Client, body: object): Promise<BudgetView> {
  const response = await client.fetch('/v1/budgets', { body: { name: 'Bound', limit_usd: 0.01, ...body } });
  expect(response.status).toBe(201);
  return response.json<BudgetView>();
}

const standing = async (client: Client, id: string) =>
  (await client.fetch(`/v1/budgets/${id}`)).json<BudgetView>();

describe.concurrent('a hard budget', () => {
  it.for(SHAPE_NAMES)(
    'refuses a call that does not fit into it, in the shape of %s',
    async (shape, { expect }) => {
      const client = await newTenant();
      const { id } = await budget(client, {});
      const response = await ask(client, shape, 'openai/swift', 'Hello');
      expect(response.status).toBe(402);
      const text = await response.text();
      expect(text).toMatch(/The budget “Bound” has \$0.01 of \$0.01 left this month/);
      if (shape !== 'messages') expect(text).toContain('budget_exceeded');
      // It was let in before its price was refused, and says how its limits stand as an answer does.
      const said =
        shape === 'messages' ? 'anthropic-ratelimit-requests-remaining' : 'x-ratelimit-remaining-requests';
      expect(Number(response.headers.get(said))).toBeGreaterThan(0);
      expect(response.headers.get('ratelimit')).toMatch(/^"requests";r=[1-9]\d*;t=\d+$/);
      expect(await standing(client, id)).toMatchObject({ spent_nano_usd: 0, remaining_usd: 0.01 });
    },
  );

  it('lets in what fits, counts what it cost once, and lets go on what it did not need', async ({
    expect,
  }) => {
    const client = await newTenant();
    const { id } = await budget(client, { limit_usd: 0.5 });
    const cost: number[] = [];
    for (let call = 0; call < 3; call++) {
      const response = await ask(client, 'chat', 'openai/swift', 'Hello', { body: { max_tokens: 40 } });
      expect(response.status).toBe(200);
      const { usage } = await response.json<Json>();
      cost.push(Math.ceil(((usage.prompt_tokens * 2_000 + usage.completion_tokens * 100_000) * 11) / 10));
    }
    const spent = cost.reduce((total, one) => total + one, 0);
    await expect
      .poll(async () => (await standing(client, id)).spent_nano_usd, { timeout: 30_000 })
      .toBe(spent);
    await evictDurableObject(env.TENANT_LEDGER.getByName(client.tenantId));
    expect((await standing(client, id)).spent_nano_usd).toBe(spent);
  });

  it('is made once however often the request is sent, under one key', async ({ expect }) => {
    const client = await newTenant();
    const key = crypto.randomUUID();
    const make = (limit_usd: number) =>
      client.fetch('/v1/budgets', {
        body: { name: 'Once', limit_usd },
        headers: { 'idempotency-key': key },
      });
    const made = await Promise.all([make(5), make(5), make(5)]);
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
    const ids = await Promise.all(made.map(async (answer) => (await answer.json<BudgetView>()).id));
    expect(new Set(ids).size).toBe(1);
    expect((await make(6)).status).toBe(422);
    const { data } = await (await client.fetch('/v1/budgets')).json<{ data: BudgetView[] }>();
    expect(data.map(({ id, limit_usd }) => [id, limit_usd])).toEqual([[ids[0], 5]]);
    const audit = await (await client.fetch('/v1/audit?action=budget.created')).json<{ data: unknown[] }>();
    expect(audit.data.length).toBe(1);
  });

  it('of a member or a key bounds that one alone', async ({ expect }) => {
    const client = await newTenant();
    const { user } = await (await client.fetch('/v1/me')).json<Json>();
    const made = await client.fetch('/v1/api-keys', { body: { name: 'Other' } });
    const other = await made.json<Json>();
    await budget(client, { scope: 'key', subject: other.id });
    expect((await ask(client, 'chat', 'openai/swift', 'Hello', { body: { max_tokens: 40 } })).status).toBe(
      200,
    );
    const bound = new Client(other.key, client.tenantId);
    expect((await ask(bound, 'chat', 'openai/swift', 'Hello')).status).toBe(402);
    await budget(client, { scope: 'member', subject: user.id });
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(402);
    const stranger = await client.fetch('/v1/budgets', {
      body: { name: 'No', limit_usd: 1, scope: 'member', subject: 'usr_nobody' },
    });
    expect(stranger.status).toBe(404);
  });

  it('of a key goes on when the key is rotated: the new key and the old one count in it together', async ({
    expect,
  }) => {
    const client = await newTenant();
    const made = await (await client.fetch('/v1/api-keys', { body: { name: 'First' } })).json<Json>();
    const { id } = await budget(client, { scope: 'key', subject: made.id, limit_usd: 0.05 });
    const rotate = async (keyId: string) =>
      (await client.fetch(`/v1/api-keys/${keyId}/rotate`, { body: { overlap_seconds: 3_600 } })).json<Json>();
    const second = await rotate(made.id);
    const third = await rotate(second.id);
    const spent = async () => (await standing(client, id)).spent_nano_usd;
    let before = 0;
    for (const key of [made.key, third.key]) {
      const answer = await ask(new Client(key, client.tenantId), 'chat', 'openai/swift', 'Hello', {
        body: { max_tokens: 40 },
      });
      expect(answer.status).toBe(200);
      await answer.text();
      await expect.poll(spent, { timeout: 30_000 }).toBeGreaterThan(before);
      before = await spent();
    }
    await client.fetch(`/v1/budgets/${id}`, { method: 'PATCH', body: { limit_usd: 0.01 } });
    const bound = new Client(third.key, client.tenantId);
    expect((await ask(bound, 'chat', 'openai/swift', 'Hello')).status).toBe(402);
    const run = await bound.fetch('/v1/perspectives', {
      body: { prompt: 'Hello', models: ['openai/swift'] },
    });
    expect(run.status).toBe(402);
    expect((await ask(client, 'chat', 'openai/swift', 'Hello')).status).toBe(200);
    // One that is made on the newest key is of the same line.
    const other = await budget(client, { scope: 'key', subject: third.id, hard: false });
    expect(other.subject).toBe(made.id);
  });

  it('never lets in more than it has when many calls come at once', async ({ expect }) => {
    const client = await newTenant();
    const { id } = await budget(client, { limit_usd: 0.05 });
    const answers = await Promise.all(
      Array.from({ length: 24 }, () =>
        ask(client, 'chat', 'openai/swift', 'Hello', { body: { max_tokens: 60 } }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 402]));
    await Promise.all(answers.map((answer) => answer.text()));
    await expect
      .poll(async () => (await standing(client, id)).spent_nano_usd, { timeout: 30_000 })
      .toBeGreaterThan(0);
    expect((await standing(client, id)).spent_nano_usd).toBeLessThanOrEqual(50_000_000);
  });

  it('bounds calls on the tenant’s own keys too, at the provider’s price, and those of one provider key', async ({
    expect,
  }) => {
    const client = await newTenant();
    const key = await (
      await client.fetch('/v1/provider-keys', {
        body: {
          provider: 'openai',
          key: 'sk-own-0123456789',
          name: 'Own',
          base_url: `${inject('localModelsUrl')}/v1`,
          validate: false,
        },
      })
    ).json<Json>();
    const { id } = await budget(client, { limit_usd: 1, hard: false });
    const answer = await ask(client, 'chat', 'openai/swift', 'Hello', { body: { max_tokens: 40 } });
    expect(answer.status).toBe(200);
    const { usage } = await answer.json<Json>();
    const cost = usage.prompt_tokens * 2_000 + usage.completion_tokens * 100_000;
    await expect
      .poll(async () => (await standing(client, id)).spent_nano_usd, { timeout: 30_000 })
      .toBe(cost);
    await budget(client, { scope: 'provider_key', subject: key.id });
    const refused = await ask(client, 'chat', 'openai/swift', 'Hello');
    expect(refused.status).toBe(402);
    expect(await refused.text()).toContain('budget_exceeded');
  });

  it('tells its managers how far it is, in the web app, by mail and at their webhook, once', async ({
    expect,
  }) => {
    const client = await newTenant();
    const { user } = await (await client.fetch('/v1/me')).json<Json>();
    const [here] = inject('strangersPages');
    const hook = crypto.randomUUID();
    const made = await client.fetch('/v1/webhook-endpoints', {
      body: { name: 'Ours', url: `${here}/hook?name=${hook}` },
    });
    const { secret } = await made.json<Json>();
    const { id } = await budget(client, { limit_usd: 0.01, hard: false, scope: 'member', subject: user.id });
    const call = async () => {
      const answer = await ask(client, 'chat', 'openai/swift', 'Hello', { body: { max_tokens: 300 } });
      expect(answer.status).toBe(200);
      await answer.text();
    };
    const posted = async () =>
      (await (await fetch(`${here}/hooks?name=${hook}`)).json()) as { headers: Json; body: string }[];
    let spent = 0;
    while (spent < 10_000_000) {
      await call();
      const before = spent;
      await expect
        .poll(
          async () => {
            spent = (await standing(client, id)).spent_nano_usd;
            return spent;
          },
          { timeout: 30_000 },
        )
        .toBeGreaterThan(before);
    }
    const percents = async () =>
      (await posted()).map(({ body }) => (JSON.parse(body) as Json).data.percent as number);
    await expect.poll(async () => Math.max(0, ...(await percents())), { timeout: 30_000 }).toBe(100);
    const told = await percents();
    expect(new Set(told).size).toBe(told.length);
    for (const { headers, body } of await posted())
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
        type: 'budget.reached',
        data: { budget: { id, scope: 'member', subject: user.id, hard: false } },
      });
    const used = /“Bound” is used up/;
    const notices = await (await client.fetch('/v1/notices')).json<{ data: { title: string }[] }>();
    // As a manager, and as the member whom it bounds.
    expect(notices.data.filter(({ title }) => used.test(title)).length).toBe(2);
    const mails = async () =>
      (await keptMails(env.DB, { to: user.email, limit: 100 })).filter(({ subject }) => used.test(subject));
    await expect.poll(async () => (await mails()).length, { timeout: 30_000 }).toBe(1);
    expect((await mails())[0]?.text).toContain('Calls go on: this budget only counts.');
  });

  it('is raised or made soft, and holds so at once', async ({ expect }) => {
    const client = await newTenant();
    const { id } = await budget(client, {});
    const patch = (body: object) => client.fetch(`/v1/budgets/${id}`, { method: 'PATCH', body });
    const call = async () => (await ask(client, 'chat', 'openai/swift', 'Hello')).status;
    expect(await call()).toBe(402);
    expect((await patch({ hard: false })).status).toBe(200);
    expect(await call()).toBe(200);
    expect((await patch({ hard: true })).status).toBe(200);
    expect(await call()).toBe(402);
    expect((await patch({ limit_usd: 0.9 })).status).toBe(200);
    expect(await call()).toBe(200);
    expect((await patch({ limit_usd: 0.005 })).status).toBe(422);
    expect((await patch({})).status).toBe(422);
    expect((await client.fetch(`/v1/budgets/${id}`, { method: 'DELETE' })).status).toBe(200);
    expect((await client.fetch(`/v1/budgets/${id}`)).status).toBe(404);
  });
});

describe.concurrent('a budget and runs', () => {
  const RUN = { prompt: 'Is water wet?', models: ['openai/swift', 'openai/sage'] };

  it('refuses a run that does not fit, and holds nothing of it', async ({ expect }) => {
    const client = await newTenant();
    const { id } = await budget(client, { limit_usd: 0.01 });
    const refused = await client.fetch('/v1/perspectives', { body: RUN });
    expect(refused.status).toBe(402);
    expect(await refused.json<Json>()).toMatchObject({ code: 'budget_exceeded' });
    expect(
      (await client.fetch(`/v1/budgets/${id}`, { method: 'PATCH', body: { limit_usd: 0.9 } })).status,
    ).toBe(200);
    const run = await client.run({ ...RUN, max_tokens: 200 });
    const spent = run.receipt.lines.reduce((total, line) => total + (line.charge_nano_usd ?? 0), 0);
    expect(spent).toBeGreaterThan(0);
    await expect
      .poll(async () => (await standing(client, id)).spent_nano_usd, { timeout: 30_000 })
      .toBe(spent);
    // What was held beyond it is free again: a run of nearly the rest fits.
    expect((await client.run({ ...RUN, max_tokens: 200 })).status).toBe('completed');
  });

  it('counts what own keys of a run cost with the budget of each key', async ({ expect }) => {
    const client = await newTenant();
    const key = await (
      await client.fetch('/v1/provider-keys', {
        body: {
          provider: 'openai',
          key: 'sk-own-0123456789',
          name: 'Own',
          base_url: `${inject('localModelsUrl')}/v1`,
          validate: false,
        },
      })
    ).json<Json>();
    const all = await budget(client, { limit_usd: 0.9 });
    const own = await budget(client, { limit_usd: 0.9, scope: 'provider_key', subject: key.id });
    const run = await client.run({ ...RUN, max_tokens: 200 });
    const cost = run.receipt.lines.reduce((total, line) => total + line.cost_nano_usd, 0);
    for (const { id } of [all, own])
      await expect
        .poll(async () => (await standing(client, id)).spent_nano_usd, { timeout: 30_000 })
        .toBe(cost);
  });
});
