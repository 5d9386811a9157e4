import { env } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant, problemOf } from '../../../test/worker/client.ts';
import { usageEvent } from '../../../test/worker/usage-events.ts';
import {
  panelListSchema,
  resolvedRouteSchema,
  ruleListSchema,
  ruleTestSchema,
} from '../../contracts/routing.ts';
import { writeUsage } from '../metering/index.ts';

interface Made {
  readonly id: string;
  readonly name: string;
  readonly target: object;
  readonly model: string;
}

let client: Client;
let stranger: Client;
beforeAll(async () => {
  [client, stranger] = await Promise.all([newTenant(), newTenant()]);
});

const RULES = '/v1/routing/rules';
const PANELS = '/v1/routing/panels';
const rule = (more: object = {}) => ({
  name: 'Code to sage',
  conditions: { tasks: ['coding'] },
  target: { model: 'local/sage' },
  ...more,
});
const panel = (name: string, more: object = {}) => ({
  name,
  models: ['local/swift', { model: 'sage', stance: 'sceptical' }],
  strategy: 'debate',
  ...more,
});

async function make(
  path: string,
  body: object,
  by = client,
  headers: Record<string, string> = {},
): Promise<Made> {
  const response = await by.fetch(path, { body, headers });
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}
const problem = async (path: string, body: object, by = client) => problemOf(await by.fetch(path, { body }));
const resolved = async (body: object, by = client) =>
  resolvedRouteSchema.parse(await (await by.fetch('/v1/resolve', { body })).json());

describe('routing rules', () => {
  it('are made, read, replaced, listed and deleted', async () => {
    const by = await newTenant();
    const made = await make(RULES, rule(), by);
    expect(made).toMatchObject({
      object: 'routing_rule',
      enabled: true,
      priority: 100,
      target: { model: 'local/sage' },
      fallbacks: [],
    });
    expect(made.id).toMatch(/^rule_/);
    expect(await (await by.fetch(`${RULES}/${made.id}`)).json()).toEqual(made);
    const replaced = await by.fetch(`${RULES}/${made.id}`, {
      method: 'PUT',
      body: rule({ name: 'Other', target: 'local/swift', priority: 3 }),
    });
    expect(await replaced.json()).toMatchObject({
      id: made.id,
      name: 'Other',
      priority: 3,
      target: { model: 'local/swift' },
    });
    expect(await (await by.fetch(`${RULES}/${made.id}`, { method: 'DELETE' })).json()).toEqual({
      id: made.id,
      object: 'deleted',
    });
    expect(await problemOf(await by.fetch(`${RULES}/${made.id}`))).toBe('404 not_found');
    expect(await problemOf(await by.fetch(`${RULES}/${made.id}`, { method: 'DELETE' }))).toBe(
      '404 not_found',
    );
    expect(await problemOf(await by.fetch(`${RULES}/${made.id}`, { method: 'PUT', body: rule() }))).toBe(
      '404 not_found',
    );
  });

  it('are followed at once where they were written', async () => {
    const by = await newTenant();
    expect((await resolved({ prompt: 'hi' }, by)).chosen_by).toBe('auto');
    const made = await make(RULES, rule({ conditions: {}, target: 'local/scribe' }), by);
    expect(await resolved({ prompt: 'hi' }, by)).toMatchObject({
      chosen_by: 'rule',
      model: 'local/scribe',
      rule: { id: made.id },
    });
    await by.fetch(`${RULES}/${made.id}`, { method: 'PUT', body: rule({ enabled: false, conditions: {} }) });
    expect((await resolved({ prompt: 'hi' }, by)).chosen_by).toBe('auto');
  });

  it('are listed in the order in which they are looked at, a page at a time', async () => {
    const by = await newTenant();
    for (const [name, priority] of [
      ['c', 7],
      ['a', 1],
      ['d', 7],
      ['b', 5],
    ] as const)
      await make(RULES, rule({ name, priority }), by);
    const names: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = ruleListSchema.parse(await (await by.fetch(`${RULES}?limit=3${query}`)).json());
      names.push(...page.data.map(({ name }) => name));
      expect(page.has_more).toBe(page.next_cursor !== null);
      cursor = page.next_cursor;
    }
    expect(names).toEqual(['a', 'b', 'c', 'd']);
    for (const wrong of ['x', '1.rule_1', '-1.rule_01JD3ZK8V8Q2N5T9W4X7Y0A1B2'])
      expect(await problemOf(await by.fetch(`${RULES}?cursor=${wrong}`))).toBe(
        '422 invalid_parameter query.cursor',
      );
  });

  it('are made once with an Idempotency-Key, and not for another body', async () => {
    const headers = { 'idempotency-key': 'rule-1' };
    const first = await make(RULES, rule(), client, headers);
    expect((await make(RULES, rule(), client, headers)).id).toBe(first.id);
    const other = await client.fetch(RULES, { body: rule({ name: 'x' }), headers });
    expect(await problemOf(other)).toBe('422 idempotency_mismatch');
    expect((await make(RULES, rule(), stranger, headers)).id).not.toBe(first.id);
  });

  it.each([
    ['a model that is not known', { target: { model: 'local/sege' } }, '404 model_not_found target.model'],
    [
      'one among several',
      { target: { auto: ['local/sage', 'nothing-like-it'] } },
      '404 model_not_found target.auto[1]',
    ],
    [
      'a fallback that is not known',
      { fallbacks: ['local/swift', 'local/swif'] },
      '404 model_not_found fallbacks[1]',
    ],
    [
      'a model that cannot answer in text',
      { target: { model: 'local/embed' } },
      '400 unsupported_parameter target.model',
    ],
    ['a panel that is not there', { target: { panel: 'nobody' } }, '422 invalid_parameter target.panel'],
    [
      'a panel written as a model that is not there',
      { target: 'parallax/nobody' },
      '422 invalid_parameter target.panel',
    ],
    [
      'a task of its own',
      { conditions: { tasks: ['dancing'] } },
      '422 invalid_parameter conditions.tasks[0]',
    ],
    [
      'bounds the wrong way round',
      { conditions: { min_input_tokens: 5, max_input_tokens: 4 } },
      '422 invalid_parameter conditions.max_input_tokens',
    ],
    [
      'a confidence without tasks',
      { conditions: { min_confidence: 0.5 } },
      '422 invalid_parameter conditions.min_confidence',
    ],
    ['a field of its own', { conditions: { hour: 5 } }, '422 invalid_parameter conditions.hour'],
    ['two targets', { target: { model: 'local/sage', panel: 'debate' } }, '422 invalid_parameter target'],
  ])('are refused with %s', async (_, more, expected) => {
    const found = await problem(RULES, rule(more));
    expect(found.startsWith(expected), found).toBe(true);
  });

  it('are refused with the nearest names', async () => {
    const body = await (await client.fetch(RULES, { body: rule({ target: 'local/sege' }) })).json<{
      nearest: string[];
      detail: string;
    }>();
    expect(body.nearest).toContain('local/sage');
    expect(body.detail).toContain('`target.model`');
  });

  it('may lead to a panel, in either way of writing it', async () => {
    expect((await make(RULES, rule({ target: 'parallax/debate' }))).target).toEqual({ panel: 'debate' });
    expect((await make(RULES, rule({ target: { panel: 'Consensus' } }))).target).toEqual({
      panel: 'consensus',
    });
  });

  it('are bounded in number', async () => {
    const by = await newTenant();
    await Promise.all(Array.from({ length: 100 }, () => make(RULES, rule(), by)));
    expect(await problem(RULES, rule(), by)).toBe('409 conflict');
  });
});

describe('panels', () => {
  it('are made, used as a model, replaced, listed and deleted', async () => {
    const by = await newTenant();
    const made = await make(PANELS, panel('review', { quorum: 1 }), by);
    expect(made).toMatchObject({
      object: 'panel',
      model: 'parallax/review',
      strategy: 'debate',
      quorum: 1,
      rounds: null,
    });
    expect(await resolved({ model: 'parallax/review' }, by)).toMatchObject({
      model: 'parallax/review',
      panel: { name: 'review', models: ['local/swift', 'local/sage'] },
    });
    const replaced = await by.fetch(`${PANELS}/${made.id}`, {
      method: 'PUT',
      body: panel('review-2', { models: ['local/scribe'] }),
    });
    expect(await replaced.json()).toMatchObject({
      id: made.id,
      name: 'review-2',
      models: ['local/scribe'],
      quorum: null,
    });
    expect(await problem('/v1/resolve', { model: 'parallax/review' }, by)).toBe('404 model_not_found model');
    await make(PANELS, panel('another'), by);
    const first = panelListSchema.parse(await (await by.fetch(`${PANELS}?limit=1`)).json());
    const second = panelListSchema.parse(
      await (await by.fetch(`${PANELS}?limit=1&cursor=${first.next_cursor}`)).json(),
    );
    expect([...first.data, ...second.data].map(({ name }) => name)).toEqual(['review-2', 'another']);
    expect(second.has_more).toBe(false);
    await by.fetch(`${PANELS}/${made.id}`, { method: 'DELETE' });
    expect(await problemOf(await by.fetch(`${PANELS}/${made.id}`))).toBe('404 not_found');
  });

  it('have names of their own within a tenant, and none that every tenant has', async () => {
    const one = await make(PANELS, panel('mine'));
    expect(await problem(PANELS, panel('mine'))).toBe('409 conflict name');
    const other = await make(PANELS, panel('mine-too'));
    const renamed = await client.fetch(`${PANELS}/${other.id}`, { method: 'PUT', body: panel('mine') });
    expect(await problemOf(renamed)).toBe('409 conflict name');
    expect(
      (await client.fetch(`${PANELS}/${one.id}`, { method: 'PUT', body: panel('mine', { rounds: 1 }) }))
        .status,
    ).toBe(200);
    await make(PANELS, panel('mine'), stranger);
    for (const name of ['consensus', 'best', 'synthesis', 'debate', 'Mine', 'a b', ''])
      expect(await problem(PANELS, panel(name)), name).toBe('422 invalid_parameter name');
  });

  it('are made once when two requests take one name at the same time', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => client.fetch(PANELS, { body: panel('raced') })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  it.each([
    ['a model that is not known', { models: ['local/swift', 'local/swif'] }, '404 model_not_found models[1]'],
    [
      'one with a stance',
      { models: [{ model: 'local/swif', stance: 'x' }] },
      '404 model_not_found models[0].model',
    ],
    ['a merging model that is not known', { merge_model: 'local/segge' }, '404 model_not_found merge_model'],
    ['a quorum larger than itself', { quorum: 3 }, '422 invalid_parameter quorum'],
    [
      'too much text',
      { models: [{ model: 'local/swift', system: 'x'.repeat(20_000) }] },
      '422 invalid_parameter models',
    ],
    ['no models', { models: [] }, '422 invalid_parameter models'],
  ])('are refused with %s', async (_, more, expected) => {
    expect(await problem(PANELS, panel('wrong', more))).toBe(expected);
  });

  it('leave rules that led to them behind, which are passed over', async () => {
    const by = await newTenant();
    const made = await make(PANELS, panel('short-lived'), by);
    await make(RULES, rule({ conditions: {}, target: { panel: 'short-lived' } }), by);
    expect((await resolved({ prompt: 'hi' }, by)).panel?.name).toBe('short-lived');
    await by.fetch(`${PANELS}/${made.id}`, { method: 'DELETE' });
    const after = await resolved({ prompt: 'hi' }, by);
    expect(after.chosen_by).toBe('auto');
    expect(after.notes[0]).toContain('there is no panel "short-lived"');
  });
});

describe('settings', () => {
  it('are the defaults until they are set, and add up to one', async () => {
    const by = await newTenant();
    const get = async () => (await by.fetch('/v1/routing/settings')).json();
    const weights = { cost: 0.25, latency: 0.25, quality: 0.35, reliability: 0.15 };
    expect(await get()).toEqual({ object: 'routing_settings', exploration: 0.02, weights });
    const put = (body: object) => by.fetch('/v1/routing/settings', { method: 'PUT', body });
    const set = await (
      await put({ exploration: 0, weights: { cost: 3, latency: 0, quality: 1, reliability: 0 } })
    ).json();
    expect(set).toMatchObject({ exploration: 0, weights: { cost: 0.75, quality: 0.25 } });
    expect(await get()).toEqual(set);
    expect((await resolved({ prompt: 'hi' }, by)).exploration_share).toBe(0);
    expect(await problemOf(await put({ exploration: 0.21 }))).toBe('422 invalid_parameter exploration');
    expect(await problemOf(await put({ weights: { cost: 0, latency: 0, quality: 0, reliability: 0 } }))).toBe(
      '422 invalid_parameter weights',
    );
    await put({});
    expect(await get()).toMatchObject({ exploration: 0.02, weights });
  });
});

describe('another tenant’s', () => {
  it('rules and panels are not there', async () => {
    const [made, own] = [await make(RULES, rule()), await make(PANELS, panel('private'))];
    for (const path of [`${RULES}/${made.id}`, `${PANELS}/${own.id}`]) {
      const body = path.startsWith(RULES) ? rule() : panel('stolen');
      expect(await problemOf(await stranger.fetch(path))).toBe('404 not_found');
      expect(await problemOf(await stranger.fetch(path, { method: 'PUT', body }))).toBe('404 not_found');
      expect(await problemOf(await stranger.fetch(path, { method: 'DELETE' }))).toBe('404 not_found');
      expect((await client.fetch(path)).status).toBe(200);
    }
    expect(await problem(`${RULES}/test`, { id: made.id }, stranger)).toBe('404 not_found');
    const listed = await (await stranger.fetch(RULES)).text();
    expect(listed).not.toContain(made.id);
    expect((await resolved({ prompt: 'hi' }, stranger)).chosen_by).not.toBe('rule');
  });
});

describe('a rule tried on past calls', () => {
  const tried = async (body: object, by: Client) => {
    const response = await by.fetch(`${RULES}/test`, { body });
    if (!response.ok) throw new Error(await response.text());
    return ruleTestSchema.parse(await response.json());
  };
  const past = (tenantId: string, id: string, more: object = {}) =>
    usageEvent({
      id: `${tenantId}/${id}`,
      tenantId,
      at: Date.now() - 60_000,
      model: 'anthropic/claude-opus-5',
      task: 'coding',
      costNano: 15_000_000,
      latencyMs: 9_000,
      ...more,
    });

  it('says what it would have taken, where that went, what it cost and what it would have', async () => {
    const by = await newTenant();
    const id = by.tenantId;
    await writeUsage(
      env.DB,
      [
        past(id, '1'),
        past(id, '2', { chosenBy: 'explicit', model: 'openai/gpt-6-sol', costNano: 5_000_000 }),
        past(id, '3', { task: 'chat' }),
        past(id, '4', { task: null }),
        past(id, '5', { feature: 'perspective' }),
        past(id, '6', { status: 'failed' }),
        past(id, '7', { at: Date.now() - 9 * 86_400_000 }),
        past('ten_other', '1'),
      ],
      () => [],
    );
    const found = await tried({ rule: rule({ name: undefined }) }, by);
    expect(found).toMatchObject({
      considered: 4,
      truncated: false,
      matched: 2,
      matched_explicit: 1,
      without_task: 1,
      unchecked: [],
      cost_usd: 0.02,
      estimated_cost_usd: 0,
      latency_ms: 9_000,
      would_go_to: [{ model: 'local/sage', calls: 2 }],
    });
    expect(found.went_to).toEqual([
      { model: 'anthropic/claude-opus-5', calls: 1, cost_usd: 0.015 },
      { model: 'openai/gpt-6-sol', calls: 1, cost_usd: 0.005 },
    ]);
    expect(found.examples).toHaveLength(2);
    expect(found.examples[0]).toMatchObject({ task: 'coding', would_go_to: 'local/sage' });
    expect((await tried({ rule: rule(), days: 10 }, by)).matched).toBe(3);
  });

  it('takes a saved rule by its id, and shows ten examples at most', async () => {
    const by = await newTenant();
    await writeUsage(
      env.DB,
      Array.from({ length: 30 }, (_, i) => past(by.tenantId, String(i), { at: Date.now() - i * 1_000 })),
      () => [],
    );
    const made = await make(RULES, rule(), by);
    const found = await tried({ id: made.id }, by);
    expect(found.matched).toBe(30);
    expect(found.examples).toHaveLength(10);
  });

  it('needs a rule that could be saved, or the id of one', async () => {
    expect(await problem(`${RULES}/test`, {})).toBe('422 invalid_parameter rule');
    expect(await problem(`${RULES}/test`, { rule: rule(), id: 'rule_x' })).toBe('422 invalid_parameter rule');
    expect(await problem(`${RULES}/test`, { id: 'rule_x' })).toBe('404 not_found');
    expect(await problem(`${RULES}/test`, { rule: rule({ target: 'local/sege' }) })).toBe(
      '404 model_not_found target.model',
    );
    expect(await problem(`${RULES}/test`, { rule: rule(), days: 31 })).toBe('422 invalid_parameter days');
  });
});

describe('POST /v1/resolve', () => {
  it('says where a request would go, over the local models', async () => {
    const route = await resolved({ prompt: 'Write a haiku about rain' });
    expect(route).toMatchObject({
      object: 'route',
      chosen_by: 'auto',
      provider: 'local',
      exploration: false,
    });
    expect(route.task?.name).toBe('writing');
    expect(route.estimate).toMatchObject({ cost_usd: 0 });
    expect(new Set([route.model, ...route.fallbacks])).toEqual(
      new Set(['local/swift', 'local/sage', 'local/scribe']),
    );
  });

  it.each([
    [{ model: 'local/sege' }, '404 model_not_found'],
    [{ model: 'anthropic/claude-opus-5' }, '503 no_provider_key'],
    [{ prompt: 'x', needs: ['audio_input'] }, '400 unsupported_parameter model'],
    [{ prompt: 'x', provider: { only: ['anthropic'] } }, '422 invalid_parameter provider.only'],
    [{ prompt: 'x', provider: { only: ['antropic'] } }, '422 invalid_parameter provider.only[0]'],
    [{ prompt: 'x', provider: { sort: 'size' } }, '422 invalid_parameter provider.sort'],
    [{ prompt: 'x', provider: { speed: 1 } }, '422 invalid_parameter provider.speed'],
    [{ prompt: 'x', task: 'dancing' }, '422 invalid_parameter task'],
    [{ messages: 'x' }, '422 invalid_parameter messages'],
  ])('%j is %s', async (body, expected) => {
    expect(await problem('/v1/resolve', body)).toBe(expected);
  });
});
