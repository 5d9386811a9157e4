import { listDurableObjectIds } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant, ORIGIN, problemOf } from './client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const ask = (body: unknown) => client.fetch('/v1/perspectives', { body });
const raw = (body: BodyInit, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  exports.default.fetch(`${ORIGIN}/v1/perspectives`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.key}`, ...headers },
    body,
  });

describe('bad input to a run', () => {
  it.each([
    ['an empty prompt', { prompt: '' }, '422 invalid_parameter prompt'],
    ['a blank prompt', { prompt: ' \n ' }, '422 invalid_parameter prompt'],
    ['no prompt', {}, '422 invalid_parameter prompt'],
    ['a prompt of another type', { prompt: 5 }, '422 invalid_parameter prompt'],
    ['a list for a body', [], '422 invalid_parameter'],
    ['an unknown field', { prompt: 'Hi', temprature: 1 }, '422 invalid_parameter temprature'],
    ['no models in the list', { prompt: 'Hi', models: [] }, '422 invalid_parameter models'],
    ['100 models', { prompt: 'Hi', models: Array(100).fill('local/swift') }, '422 invalid_parameter models'],
    [
      'a model that is a number',
      { prompt: 'Hi', models: ['local/swift', 7] },
      '422 invalid_parameter models[1]',
    ],
    [
      'an unknown field of a model',
      { prompt: 'Hi', models: [{ model: 'local/swift', mood: 'sad' }] },
      '422 invalid_parameter models[0].mood',
    ],
    ['negative tokens', { prompt: 'Hi', max_tokens: -5 }, '422 invalid_parameter max_tokens'],
    ['half a token', { prompt: 'Hi', max_tokens: 1.5 }, '422 invalid_parameter max_tokens'],
    ['an absurd temperature', { prompt: 'Hi', temperature: 9 }, '422 invalid_parameter temperature'],
    ['a negative price', { prompt: 'Hi', max_cost_usd: -1 }, '422 invalid_parameter max_cost_usd'],
    [
      'a quorum above the models',
      { prompt: 'Hi', models: ['local/swift'], quorum: 2 },
      '422 invalid_parameter quorum',
    ],
    [
      'an unknown merge',
      { prompt: 'Hi', merge: { strategy: 'vote' } },
      '422 invalid_parameter merge.strategy',
    ],
    [
      'four rounds of debate',
      { prompt: 'Hi', merge: { strategy: 'debate', rounds: 4 } },
      '422 invalid_parameter merge.rounds',
    ],
    ['memory before there is one', { prompt: 'Hi', memory: 'full' }, '422 invalid_parameter memory'],
    ['an embedding model', { prompt: 'Hi', models: ['local/embed'] }, '400 unsupported_parameter models[0]'],
    ['a model without a key', { prompt: 'Hi', models: ['openai/gpt-4o'] }, '503 no_provider_key'],
    [
      'a run to continue that is none',
      { prompt: 'Hi', models: ['local/swift'], continue_from: 'nonsense' },
      '404 not_found',
    ],
  ])('refuses %s', async (_name, body, expected) => {
    expect(await problemOf(await ask(body))).toBe(expected);
  });

  it('names the nearest models for an unknown one', async () => {
    const response = await ask({ prompt: 'Hi', models: ['local/swfit'] });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = await response.json<{
      code: string;
      detail: string;
      nearest: string[];
      request_id: string;
    }>();
    expect(problem).toMatchObject({ code: 'model_not_found' });
    expect(problem.nearest).toContain('local/swift');
    expect(problem.detail).toContain('local/swift');
    expect(response.headers.get('request-id')).toBe(problem.request_id);
  });

  it('refuses what is past 1 MiB, and takes what is just below', async () => {
    expect(await problemOf(await ask({ prompt: 'x'.repeat(1024 * 1024) }))).toBe('413 payload_too_large');
    const large = await ask({ prompt: `Summarize: ${'word '.repeat(200_000)}`, models: ['local/swift'] });
    expect(large.status).toBe(200);
    expect((await large.json<{ status: string }>()).status).toBe('completed');
  });

  it('refuses bad UTF-8, broken JSON, 10,000-deep JSON and other types, never with a 500', async () => {
    expect(await problemOf(await raw(Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d)))).toBe(
      '400 malformed_request',
    );
    expect(await problemOf(await raw('{"prompt": "Hi"'))).toBe('400 malformed_request');
    expect(await problemOf(await raw(`{"prompt": ${'['.repeat(10_000)}${']'.repeat(10_000)}}`))).toBe(
      '400 malformed_request',
    );
    expect(
      await problemOf(await raw('prompt=Hi', { 'content-type': 'application/x-www-form-urlencoded' })),
    ).toBe('415 unsupported_media_type');
    expect(await problemOf(await raw('{"__proto__": {"prompt": "Hi"}}'))).toMatch(/^422 /);
  });

  it('starts no run and writes nothing for a request it refuses', async () => {
    const before = (await listDurableObjectIds(env.PERSPECTIVE_RUN)).length;
    await ask({ prompt: 'Hi', models: ['nobody/nothing'] });
    await ask({ prompt: 'Hi', max_tokens: -1 });
    await ask({ prompt: 'Hi', memory: 'full' });
    expect((await listDurableObjectIds(env.PERSPECTIVE_RUN)).length).toBe(before);
  });
});

describe('paths and methods', () => {
  it('answers 404 for a path that is none and 405 with Allow for a method that is none', async () => {
    expect(await problemOf(await client.fetch('/v1/nothing'))).toBe('404 not_found');
    const response = await client.fetch('/v1/perspectives', { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('POST, GET');
    expect(await problemOf(response)).toBe('405 method_not_allowed');
  });

  it('asks who one is before it looks at anything else', async () => {
    const response = await exports.default.fetch(`${ORIGIN}/v1/perspectives`, {
      method: 'POST',
      body: 'nonsense',
    });
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(await problemOf(response)).toBe('401 unauthenticated');
  });

  it('answers in OpenAI’s shape on its routes', async () => {
    const response = await client.fetch('/v1/models/nobody/nothing');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { type: 'invalid_request_error', code: 'model_not_found', param: null },
    });
  });

  it('refuses a cursor or an event id that is none', async () => {
    expect(await problemOf(await client.fetch('/v1/perspectives?cursor=x'))).toBe(
      '422 invalid_parameter cursor',
    );
    expect(await problemOf(await client.fetch('/v1/perspectives?limit=0'))).toBe(
      '422 invalid_parameter query.limit',
    );
    const events = await client.fetch('/v1/perspectives/run_00000000000000000000000000/events', {
      headers: { 'last-event-id': 'x' },
    });
    expect(await problemOf(events)).toBe('400 malformed_request');
  });
});
