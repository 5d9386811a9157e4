import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { draws } from '../../../../bench/router-world.ts';
import { Client, newTenant, problemOf } from '../../../../test/worker/client.ts';
import { usageEvent } from '../../../../test/worker/usage-events.ts';
import type { UsageEventView, UsageSummary } from '../../../contracts/usage.ts';
import { newId } from '../../../platform/ids.ts';
import { keyOf, memberOf, somebody, tenantOf } from '../../identity/people-and-tenants.fixture.ts';
import { writeUsage } from '../consume-usage.ts';
import type { UsageEvent } from '../usage-event.ts';

const HOUR_MS = 3_600_000;

/** A tenant with an owner and a member, who each made calls. */
async function setUp() {
  const owner = await somebody();
  const tenantId = await tenantOf(owner);
  const member = await memberOf(owner, tenantId);
  const clientOf = async (person: typeof owner) => new Client((await keyOf(person)).key, tenantId);
  const write = async (events: readonly (Partial<UsageEvent> & { id?: string })[]) => {
    const whole = events.map((one) =>
      usageEvent({ id: newId('call'), at: Date.now() - 1_000, tenantId, ...one }),
    );
    await writeUsage(env.DB, whole, () => []);
    return whole;
  };
  return { tenantId, owner, member, asOwner: await clientOf(owner), asMember: await clientOf(member), write };
}

interface Page {
  readonly data: UsageEventView[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
}

async function get<T>(client: Client, path: string): Promise<T> {
  const response = await client.fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json<T>();
}

describe('GET /v1/usage', () => {
  it('lists a call that was made, some seconds after it', async () => {
    const client = await newTenant();
    const answer = await client.fetch('/v1/chat/completions', {
      body: { model: 'local/swift', messages: [{ role: 'user', content: 'Hello' }] },
      headers: { 'user-agent': 'openai-python/2.1' },
    });
    expect(answer.status).toBe(200);
    const list = () => get<Page>(client, '/v1/usage');
    await expect.poll(async () => (await list()).data.length, { timeout: 10_000 }).toBe(1);
    const [call] = (await list()).data;
    expect(call).toMatchObject({
      object: 'usage_event',
      feature: 'chat',
      model: 'local/swift',
      provider: 'local',
      status: 'ok',
      client: 'openai-python',
      run_id: null,
      request_id: answer.headers.get('request-id'),
      key_strategy: expect.any(String),
      charge_nano_usd: 0,
    });
    expect(call?.output_tokens).toBeGreaterThan(0);
    const { totals } = await get<UsageSummary>(client, '/v1/usage/summary?period=7d');
    expect(totals).toMatchObject({
      calls: 1,
      succeeded: 1,
      success_rate: 1,
      output_tokens: call?.output_tokens,
    });
    expect(totals.latency_ms?.p50).toBeGreaterThan(0);
  });

  it('is the receipt of a run: each model’s tokens, cost, charge and whose key', async () => {
    const client = await newTenant();
    const run = await client.run({
      prompt: 'Tabs or spaces?',
      models: ['local/swift', 'local/sage'],
      merge: { strategy: 'synthesize' },
    });
    const other = await client.run({ prompt: 'Hello', models: ['local/swift'] });
    expect(other.status).toBe('completed');
    const receipt = () => get<Page>(client, `/v1/usage?run_id=${run.id}`);
    await expect
      .poll(async () => (await receipt()).data.length, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(3);
    const { data } = await receipt();
    expect(new Set(data.map(({ run_id }) => run_id))).toEqual(new Set([run.id]));
    const lines = data.map(({ feature, model }) => `${feature} ${model}`);
    expect(lines).toEqual(expect.arrayContaining(['perspective local/swift', 'perspective local/sage']));
    expect(data.map(({ feature }) => feature)).toContain('merge');
    const tokens = data.reduce((sum, one) => sum + one.output_tokens, 0);
    expect(tokens).toBe(run.usage.output_tokens);
  });

  it('pages through all, newest first, also where many have one time', async () => {
    const { asOwner, write } = await setUp();
    const at = Date.now() - HOUR_MS;
    const events = await write(Array.from({ length: 23 }, (_, i) => ({ at: at - (i % 3) })));
    const seen: UsageEventView[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await get<Page>(
        asOwner,
        `/v1/usage?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      expect(page.has_more).toBe(page.next_cursor !== null);
      seen.push(...page.data);
      cursor = page.next_cursor;
    }
    const newest = [...events].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
    expect(seen.map(({ id }) => id)).toEqual(newest.map(({ id }) => id));
  });

  it('narrows down by each of its filters', async () => {
    const { asOwner, owner, member, write } = await setUp();
    const distinct = {
      model: 'openai/other',
      provider: 'other',
      feature: 'embeddings',
      keyId: 'key_other',
      userId: member.userId,
      providerKeyId: 'pvk_other',
      keyStrategy: 'tenant',
      status: 'failed',
      requestId: 'req_other',
    } as const;
    await write([{ userId: owner.userId }]);
    const [other] = await write([distinct]);
    const queries = [
      `model=${distinct.model}`,
      `provider=${distinct.provider}`,
      'feature=embeddings',
      'key_id=key_other',
      `user_id=${member.userId}`,
      'provider_key_id=pvk_other',
      'key_strategy=tenant',
      'status=failed',
      'request_id=req_other',
    ];
    for (const query of queries) {
      const { data } = await get<Page>(asOwner, `/v1/usage?${query}`);
      expect([query, data.map(({ id }) => id)]).toEqual([query, [other?.id]]);
    }
  });

  it.each([
    ['limit=0', '422 invalid_parameter query.limit'],
    ['cursor=x', '422 invalid_parameter cursor'],
    ['from=yesterday', '422 invalid_parameter query.from'],
    ['from=2026-11-02&to=2026-11-01', '422 invalid_parameter from'],
    ['status=unknown', '422 invalid_parameter query.status'],
    ['model=%27%20OR%201%3D1%20--', 'nothing'],
  ])('answers %s with %s', async (query, expected) => {
    const { asOwner, owner, write } = await setUp();
    await write([{ userId: owner.userId }]);
    const response = await asOwner.fetch(`/v1/usage?${query}`);
    if (expected === 'nothing') expect((await response.json<Page>()).data).toEqual([]);
    else expect(await problemOf(response)).toBe(expected);
  });
});

describe('whose calls are seen', () => {
  it('a member’s own alone, whatever they ask; an owner’s are all of the tenant', async () => {
    const { asOwner, asMember, owner, member, write } = await setUp();
    const [mine] = await write([{ userId: member.userId, model: 'local/mine' }]);
    const [theirs] = await write([
      { userId: owner.userId, model: 'local/theirs', runId: 'run_1', id: 'run_1/x' },
    ]);
    const ids = async (client: Client, query = '') =>
      (await get<Page>(client, `/v1/usage${query}`)).data.map(({ id }) => id).sort();
    expect(await ids(asOwner)).toEqual([mine?.id, theirs?.id].sort());
    for (const query of ['', '?run_id=run_1', '?model=local/theirs', `?user_id=${member.userId}`])
      expect(await ids(asMember, query)).not.toContain(theirs?.id);
    expect(await ids(asMember)).toEqual([mine?.id]);
    for (const path of ['usage', 'usage/summary', 'usage/export'])
      expect(await problemOf(await asMember.fetch(`/v1/${path}?user_id=${owner.userId}`))).toBe(
        '403 forbidden',
      );
    const summary = await get<UsageSummary>(asMember, '/v1/usage/summary?group_by=model');
    expect(summary).toMatchObject({ of: 'user', totals: { calls: 1 } });
    expect(summary.groups.map(({ group }) => group)).toEqual([{ model: 'local/mine' }]);
    expect(await get<UsageSummary>(asOwner, '/v1/usage/summary')).toMatchObject({
      of: 'tenant',
      totals: { calls: 2 },
    });
    const file = await (await asMember.fetch('/v1/usage/export')).text();
    expect(file).toContain('local/mine');
    expect(file).not.toContain('local/theirs');
  });

  it('never another tenant’s', async () => {
    const [home, away] = await Promise.all([setUp(), setUp()]);
    const [event] = await home.write([
      { userId: home.owner.userId, runId: 'run_2', id: `run_2/${newId('call')}` },
    ]);
    const queries = ['', '?run_id=run_2', `?user_id=${home.owner.userId}`, '?model=openai/gpt-6-sol'];
    for (const query of queries) {
      expect((await get<Page>(away.asOwner, `/v1/usage${query}`)).data).toEqual([]);
      expect(await (await away.asOwner.fetch(`/v1/usage/export${query}`)).text()).not.toContain(event?.id);
    }
    expect((await get<UsageSummary>(away.asOwner, '/v1/usage/summary')).totals.calls).toBe(0);
  });

  it('nobody’s without the scope', async () => {
    const { owner, tenantId } = await setUp();
    const key = new Client((await keyOf(owner, { name: 'Models', scopes: ['models'] })).key, tenantId);
    for (const path of ['usage', 'usage/summary', 'usage/export'])
      expect(await problemOf(await key.fetch(`/v1/${path}`))).toBe('403 insufficient_scope');
  });
});

describe('GET /v1/usage/summary', () => {
  it('adds up to the events, in every group and span, whatever it is asked by', async () => {
    const { asOwner, owner, member, write } = await setUp();
    const dice = draws(7);
    const pick = <T>(list: readonly T[]) => list[Math.floor(dice.uniform() * list.length)] as T;
    const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
    const events = await write(
      Array.from({ length: 300 }, () => ({
        at: today - Math.floor(6 * 86_400_000 * dice.uniform()),
        userId: pick([owner.userId, member.userId]),
        keyId: pick([null, 'key_a']),
        model: pick(['openai/a', 'openai/b', 'local/c']),
        feature: pick(['chat', 'merge'] as const),
        status: pick(['ok', 'ok', 'failed', 'cancelled', 'cached'] as const),
        priced: pick([true, true, false]),
        chargeNano: Math.floor(1e9 * dice.uniform()),
        latencyMs: 1 + Math.floor(60_000 * dice.uniform()),
        firstTokenMs: pick([null, 1 + Math.floor(5_000 * dice.uniform())]),
      })),
    );
    const of = { model: 'model', user: 'userId', key: 'keyId', feature: 'feature' } as const;
    const questions: [(keyof typeof of)[], string][] = [
      [[], 'hour'],
      [['model'], 'day'],
      [['user', 'model'], 'month'],
      [['key'], 'hour'],
      [['feature'], 'day'],
    ];
    for (const [groups, granularity] of questions) {
      const summary = await get<UsageSummary>(
        asOwner,
        `/v1/usage/summary?period=7d&granularity=${granularity}${groups.length > 0 ? `&group_by=${groups}` : ''}`,
      );
      const partOf = (event: UsageEvent) =>
        groups.length === 0 ? null : Object.fromEntries(groups.map((name) => [name, event[of[name]]]));
      const fits = (group: UsageSummary['data'][number]['group'], event: UsageEvent) =>
        JSON.stringify(group) === JSON.stringify(partOf(event));
      const spanOf = (at: number) => {
        const text = new Date(at).toISOString();
        if (granularity === 'hour') return `${text.slice(0, 13)}:00:00.000Z`;
        return granularity === 'day'
          ? `${text.slice(0, 10)}T00:00:00.000Z`
          : `${text.slice(0, 7)}-01T00:00:00.000Z`;
      };
      check(summary.totals, events);
      expect(summary.groups_left_out).toBe(0);
      for (const row of summary.groups)
        check(
          row,
          events.filter((one) => fits(row.group, one)),
        );
      for (const row of summary.data)
        check(
          row,
          events.filter((one) => fits(row.group, one) && spanOf(one.at) === row.from),
        );
      expect(summary.data.reduce((sum, row) => sum + row.calls, 0)).toBe(events.length);
    }
  });

  it('keeps the groups that were charged most, and sums up the rest as one', async () => {
    const { asOwner, owner, write } = await setUp();
    await write(
      Array.from({ length: 12 }, (_, i) => ({
        userId: owner.userId,
        model: `local/m${i}`,
        chargeNano: i + 1,
      })),
    );
    const summary = await get<UsageSummary>(asOwner, '/v1/usage/summary?group_by=model&limit=3');
    expect(summary.groups.map(({ group, charge_nano_usd }) => [group?.model, charge_nano_usd])).toEqual([
      ['local/m11', 12],
      ['local/m10', 11],
      ['local/m9', 10],
      [undefined, 45],
    ]);
    expect(summary.groups_left_out).toBe(9);
    expect(summary.totals.charge_nano_usd).toBe(78);
    const hourly = await get<UsageSummary>(
      asOwner,
      '/v1/usage/summary?group_by=model&limit=100&period=30d&granularity=hour',
    );
    expect(hourly.groups.length).toBe(4);
    expect(hourly.groups_left_out).toBe(9);
  });

  it.each([
    ['period=forever', '422 invalid_parameter query.period'],
    ['group_by=model,user,key', '422 invalid_parameter query.group_by'],
    ['group_by=name', '422 invalid_parameter query.group_by[0]'],
    ['period=90d&granularity=hour', '422 invalid_parameter granularity'],
    ['period=7d&from=2026-01-01', '422 invalid_parameter period'],
  ])('refuses %s', async (query, expected) => {
    const { asOwner } = await setUp();
    expect(await problemOf(await asOwner.fetch(`/v1/usage/summary?${query}`))).toBe(expected);
  });
});

describe('GET /v1/usage/export', () => {
  it('writes every call once, as CSV that no spreadsheet takes for a formula, and as JSON lines', async () => {
    const { asOwner, owner, write } = await setUp();
    const at = Date.now() - HOUR_MS;
    const events = await write(
      Array.from({ length: 2_100 }, (_, i) => ({ at: at - (i % 7), userId: owner.userId, client: '=cmd|x' })),
    );
    const response = await asOwner.fetch('/v1/usage/export');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="usage.csv"');
    const lines = (await response.text()).trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^id,created_at,user_id,/);
    expect(
      lines
        .slice(1)
        .map((line) => line.split(',')[0])
        .sort(),
    ).toEqual(events.map(({ id }) => id).sort());
    expect(lines[1]).toContain(",'=cmd|x,");
    const json = await (await asOwner.fetch('/v1/usage/export?format=jsonl')).text();
    const views = json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as UsageEventView);
    expect(new Set(views.map(({ id }) => id)).size).toBe(2_100);
    const { data } = await get<Page>(asOwner, '/v1/usage?limit=1');
    expect(views[0]).toEqual(data[0]);
  });
});

/** The figures that events have, counted one by one; percentiles within their error. */
function check(row: UsageSummary['totals'], events: readonly UsageEvent[]): void {
  const count = (status: string) => events.filter((one) => one.status === status).length;
  const sum = (name: 'chargeNano' | 'inputTokens') => events.reduce((all, one) => all + one[name], 0);
  expect(row).toMatchObject({
    calls: events.length,
    succeeded: count('ok'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    cached: count('cached'),
    unpriced_calls: events.filter(({ priced }) => !priced).length,
    charge_nano_usd: sum('chargeNano'),
    input_tokens: sum('inputTokens'),
  });
  const judged = count('ok') + count('failed');
  expect(row.success_rate).toBe(judged === 0 ? null : count('ok') / judged);
  for (const [shown, name] of [
    ['latency_ms', 'latencyMs'],
    ['first_token_ms', 'firstTokenMs'],
  ] as const) {
    const times = events
      .flatMap((one) => (one.status === 'ok' && one[name] !== null ? [one[name]] : []))
      .sort((a, b) => a - b);
    if (times.length === 0) expect(row[shown]).toBeNull();
    for (const [p, quantile] of [
      ['p50', 0.5],
      ['p95', 0.95],
      ['p99', 0.99],
    ] as const) {
      const exact = times[Math.ceil(quantile * times.length) - 1];
      if (exact !== undefined)
        expect(Math.abs((row[shown]?.[p] ?? 0) - exact)).toBeLessThanOrEqual(0.02 * exact + 0.5);
    }
  }
}
