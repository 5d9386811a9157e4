import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant, OPERATOR_TOKEN, ORIGIN } from '../../../test/worker/client.ts';
import type { ModelView } from '../../contracts/models.ts';
import { hasRow, rowsAfter, rowsOf, writeRows } from './overlay-store.ts';

interface List {
  object: string;
  data: ModelView[];
  has_more: boolean;
  next_cursor: string | null;
}

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

async function list(query = ''): Promise<List> {
  const response = await client.fetch(`/v1/models${query}`);
  expect(response.status).toBe(200);
  return response.json();
}

function operator(
  method: 'PUT' | 'DELETE',
  id: string,
  body?: unknown,
  token = OPERATOR_TOKEN,
): Promise<Response> {
  return exports.default.fetch(`${ORIGIN}/v1/operator/models/${id}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

describe('GET /v1/models', () => {
  it('lists what this deployment can use, in OpenAI’s shape and ours', async () => {
    const { object, data, has_more } = await list();
    expect(object).toBe('list');
    expect(has_more).toBe(false);
    expect(data.map(({ id }) => id)).toEqual([
      'local/embed',
      'local/sage',
      'local/scribe',
      'local/swift',
      'parallax/auto',
      'parallax/best',
      'parallax/consensus',
      'parallax/debate',
      'parallax/synthesis',
    ]);
    expect(data[3]).toMatchObject({
      object: 'model',
      owned_by: 'local',
      tier: 'normal',
      category: 'chat',
      available: true,
    });
  });

  it('lists what a key would add, in pages', async () => {
    const first = await list('?available=false&limit=5');
    expect(first.data).toHaveLength(5);
    expect(first.has_more).toBe(true);
    const second = await list(
      `?available=false&limit=5&cursor=${encodeURIComponent(first.next_cursor ?? '')}`,
    );
    expect((second.data[0]?.id ?? '') > (first.data[4]?.id ?? '')).toBe(true);
  });

  it('lists a named provider’s models whether they can be used or not', async () => {
    const { data } = await list('?provider=anthropic&tier=premium&capability=vision');
    expect(data.map(({ id }) => id)).toContain('anthropic/claude-opus-5');
    expect(data.every(({ available }) => !available)).toBe(true);
  });

  it.each([
    '?category=poetry',
    '?capability=telepathy',
    '?tier=gold',
    '?available=perhaps',
    '?limit=0',
    '?limit=many',
  ])('refuses %s, naming the field', async (query) => {
    const response = await client.fetch(`/v1/models${query}`);
    expect(response.status).toBe(400);
    const { error } = await response.json<{ error: { param: string } }>();
    expect(error.param).toContain(query.slice(1, query.indexOf('=')));
  });

  it('is closed to a stranger, in OpenAI’s shape', async () => {
    const response = await exports.default.fetch(`${ORIGIN}/v1/models`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'invalid_api_key' } });
  });
});

describe('GET /v1/models/{id}', () => {
  it.each([
    ['local/swift', 'local/swift'],
    ['swift', 'local/swift'],
    ['best', 'local/sage'],
    ['anthropic/claude-opus-5', 'anthropic/claude-opus-5'],
    ['huggingface/Qwen/Qwen3-32B:groq', 'huggingface/Qwen/Qwen3-32B:groq'],
    [
      encodeURIComponent('workers_ai/@cf/meta/llama-3.2-1b-instruct'),
      'workers_ai/@cf/meta/llama-3.2-1b-instruct',
    ],
  ])('finds %s', async (name, id) => {
    const response = await client.fetch(`/v1/models/${name}`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id });
  });

  it('answers an unknown name with the nearest ones, in OpenAI’s shape', async () => {
    const response = await client.fetch('/v1/models/local/swfit');
    expect(response.status).toBe(404);
    const { error } = await response.json<{
      error: { message: string; type: string; code: string; nearest: string[] };
    }>();
    expect(error).toMatchObject({ type: 'invalid_request_error', code: 'model_not_found' });
    expect(error.message).toContain('Did you mean');
    expect(error.nearest[0]).toBe('local/swift');
  });
});

describe('the operator’s word on a model', () => {
  it('holds at once, prices a run in what it says, and is taken back', async () => {
    const id = 'local/scribe';
    const body = {
      name: 'House scribe',
      tier: 'premium',
      aliases: ['house'],
      pricing: { input: 10, output: 100 },
    };
    const put = await operator('PUT', id, body);
    expect(put.status).toBe(200);
    expect(await put.json()).toMatchObject({
      id,
      name: 'House scribe',
      tier: 'premium',
      pricing: { input: 10, output: 100 },
    });
    expect(await (await client.fetch('/v1/models/house')).json()).toMatchObject({ id });
    const run = await client.run({ prompt: 'Is the sea deep?', models: ['house'] });
    const [perspective] = run.perspectives;
    const tokens = perspective?.usage ?? { input_tokens: 0, output_tokens: 0 };
    expect(perspective?.cost_usd).toBeCloseTo(
      (tokens.input_tokens * 10 + tokens.output_tokens * 100) / 1e6,
      9,
    );
    expect(perspective?.cost_usd).toBeGreaterThan(0);
    expect((await operator('DELETE', id)).status).toBe(204);
    expect(await (await client.fetch(`/v1/models/${id}`)).json()).toMatchObject({
      name: 'Scribe',
      tier: 'eco',
      pricing: { input: 0 },
    });
    expect((await client.fetch('/v1/models/house')).status).toBe(404);
    expect((await operator('DELETE', id)).status).toBe(404);
  });

  it('adds a model that nobody else knows', async () => {
    const id = 'azure/our-own-deployment';
    expect((await operator('PUT', id, { upstream_name: 'gpt-6-sol', context_window: 1000 })).status).toBe(
      200,
    );
    const { data } = await list('?provider=azure&q=our-own');
    expect(data).toMatchObject([{ id, context_window: 1000, pricing: null, available: false }]);
    expect((await operator('DELETE', id)).status).toBe(204);
    expect((await client.fetch(`/v1/models/${id}`)).status).toBe(404);
  });

  it('is refused for an unknown provider or a wrong field, naming it', async () => {
    expect((await operator('PUT', 'nobody/x', {})).status).toBe(422);
    const response = await operator('PUT', 'local/swift', { pricing: { input: -1 } });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ param: 'pricing.input' });
  });

  it('is taken from the operator alone', async () => {
    expect((await operator('PUT', 'local/swift', { name: 'x' }, client.key)).status).toBe(401);
    expect((await operator('DELETE', 'local/swift', undefined, 'wrong')).status).toBe(401);
    expect(await hasRow(env.DB, 'operator', 'local/swift')).toBe(false);
  });
});

describe('rows in the database', () => {
  it('get ever later revisions, so that a reader sees each change once', async () => {
    const before = Math.max(0, ...(await rowsAfter(env.DB, 0)).map(({ revision }) => revision));
    await writeRows(
      env.DB,
      'models.dev',
      [
        { id: 'openai/a', fields: '{}' },
        { id: 'openai/b', fields: '{"name":"B"}' },
      ],
      1,
    );
    const first = await rowsAfter(env.DB, before);
    expect(first.map(({ id }) => id).sort()).toEqual(['openai/a', 'openai/b']);
    await writeRows(env.DB, 'models.dev', [{ id: 'openai/a', fields: null }], 2);
    const latest = Math.max(...first.map(({ revision }) => revision));
    expect(await rowsAfter(env.DB, latest)).toMatchObject([{ id: 'openai/a', fields: null }]);
    expect(await rowsOf(env.DB, 'models.dev')).toEqual(new Map([['openai/b', '{"name":"B"}']]));
    await writeRows(env.DB, 'models.dev', [{ id: 'openai/b', fields: null }], 3);
  });

  it('are written by the thousand', async () => {
    const changes = Array.from({ length: 3000 }, (_, i) => ({
      id: `openrouter/m${i}`,
      fields: JSON.stringify({ name: `It’s "${i}"`, description: 'x'.repeat(300) }),
    }));
    await writeRows(env.DB, 'models.dev', changes, 1);
    const rows = await rowsOf(env.DB, 'models.dev');
    expect(rows.size).toBe(3000);
    expect(rows.get('openrouter/m2999')).toBe(changes[2999]?.fields);
    await writeRows(
      env.DB,
      'models.dev',
      changes.map(({ id }) => ({ id, fields: null })),
      2,
    );
    expect((await rowsOf(env.DB, 'models.dev')).size).toBe(0);
  });
});
