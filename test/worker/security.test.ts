import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant, OPERATOR_TOKEN, ORIGIN, problemOf } from './client.ts';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const get = (path: string, headers: Record<string, string> = {}, origin = ORIGIN) =>
  exports.default.fetch(`${origin}${path}`, { headers, redirect: 'manual' });

describe('headers of a response', () => {
  it.each(['/v1/me', '/v1/api-keys', '/v1/models', '/v1/providers', '/v1/perspectives', '/health'])(
    'keep %s out of every cache, and its type as it says',
    async (path) => {
      const response = await client.fetch(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      await response.body?.cancel();
    },
  );

  it.each(['/', '/docs/', '/docs', '//docs/index.html', '/favicon.svg'])(
    'put %s under the content security policy and never redirect to another host',
    async (path) => {
      const response = await get(path);
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('x-frame-options')).toBe('DENY');
      expect(response.headers.get('location') ?? '/').toMatch(/^\/(?!\/)/);
      await response.body?.cancel();
    },
  );

  it.each([
    '//evil.example',
    '//evil.example/',
    '//evil.example/index.html',
    '/%2F%2Fevil.example/index.html',
    '/%5Cevil.example/docs',
    '///evil.example//',
  ])('send nobody elsewhere for %s', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('location')).toBeNull();
    expect(await problemOf(response)).toBe('404 not_found');
  });

  it.each([
    ['/nowhere', { 'sec-fetch-mode': 'navigate' }],
    ['/app/nowhere', { accept: 'text/html,application/xhtml+xml' }],
    ['//evil.example/', { 'sec-fetch-mode': 'navigate' }],
  ])(
    'show a browser that opens %s the web app, which says that there is no such page',
    async (path, headers) => {
      const response = await get(path, headers);
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('location')).toBeNull();
      await response.body?.cancel();
    },
  );

  it.each(['/webhooks', '/webhooks/whe_1'])(
    'show the web app at %s, beside where Stripe posts',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toContain('text/html');
      expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
      await response.body?.cancel();
    },
  );

  it.each([
    '/v1/nowhere',
    '/.well-known/nowhere',
    '/auth/nowhere',
    '/oauth/nowhere',
    '/webhooks/stripe/nowhere',
  ])('come with a problem document at %s, also for a browser that opens it', async (path) => {
    const response = await get(path, { 'sec-fetch-mode': 'navigate', accept: 'text/html' });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('json');
    await response.body?.cancel();
  });

  it.each(['/nowhere', '/V1/me', '/v1%2fme', '//v1/me', '/v1/me/', '/%00', '/%ff'])(
    'come with a problem document where there is nothing (%s)',
    async (path) => {
      const response = await get(path, { authorization: `Bearer ${client.key}` });
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await problemOf(response)).toBe('404 not_found');
    },
  );

  it('open /v1 to no other origin', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const response = await exports.default.fetch(`${ORIGIN}/v1/me`, {
        method,
        headers: {
          origin: 'https://evil.example',
          'access-control-request-method': 'GET',
          authorization: `Bearer ${client.key}`,
        },
      });
      for (const [name] of response.headers) expect(name).not.toMatch(/^access-control-/);
      await response.body?.cancel();
    }
  });

  it('take no request id from the client', async () => {
    const response = await client.fetch('/v1/me', {
      headers: { 'x-request-id': 'mine', 'request-id': 'mine' },
    });
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(response.headers.get('request-id')).toBe(response.headers.get('x-request-id'));
    await response.body?.cancel();
  });
});

describe('the OpenAPI document', () => {
  it('names the address it was asked at, never one that somebody else asked at before', async () => {
    const serverOf = async (origin: string) =>
      (await (await get('/v1/openapi.json', {}, origin)).json<{ servers: { url: string }[] }>()).servers[0]
        ?.url;
    expect(await serverOf('https://evil.example')).toBe('https://evil.example');
    expect(await serverOf(ORIGIN)).toBe(ORIGIN);
  });
});

describe('a method that a path does not take', () => {
  it.each([
    ['/health', 'GET'],
    ['/v1/openapi.json', 'GET'],
    ['/v1/me', 'GET, PATCH'],
  ])('is a 405 with what %s takes', async (path, methods) => {
    for (const method of ['POST', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const response = await exports.default.fetch(`${ORIGIN}${path}`, { method });
      expect(response.headers.get('allow')).toBe(methods);
      expect(await problemOf(response)).toBe('405 method_not_allowed');
    }
  });
});

describe('a credential', () => {
  const reasonOf = async (headers: HeadersInit, path = '/v1/me') => {
    const response = await exports.default.fetch(`${ORIGIN}${path}`, { headers });
    const body = await response.json<{ reason?: string }>();
    return `${response.status} ${body.reason ?? ''}`.trim();
  };

  it('is refused when it is not exactly one key', async () => {
    const bearer = `Bearer ${client.key}`;
    const twice = new Headers({ authorization: bearer });
    twice.append('authorization', bearer);
    expect(await reasonOf(twice)).toBe('401 other_scheme');
    expect(await reasonOf({ authorization: 'Basic YTpi' })).toBe('401 other_scheme');
    expect(await reasonOf({ authorization: 'Bearer' })).toBe('401 other_scheme');
    expect(await reasonOf({ authorization: `${bearer}A` })).toBe('401 malformed');
    expect(await reasonOf({ authorization: bearer.slice(0, -1) })).toBe('401 malformed');
    expect(await reasonOf({ 'x-api-key': 'x'.repeat(8_000) })).toBe('401 malformed');
    expect(await reasonOf({ 'x-api-key': `plx_sk_${'A'.repeat(64)}` })).toBe('401 unknown');
    expect(await reasonOf({ authorization: bearer.replace('_sk_', '_pk_') })).toBe('401 publishable');
    expect(await reasonOf({ authorization: bearer.toLowerCase() })).toBe('401 unknown');
    expect(await reasonOf({ authorization: `bearer  ${client.key}` })).toBe('200');
  });

  it('of the operator opens the operator’s routes alone, and a tenant’s key none of them', async () => {
    const operator = { authorization: `Bearer ${OPERATOR_TOKEN}` };
    expect(await reasonOf(operator)).toBe('401 malformed');
    const path = `/v1/operator/tenants/${client.tenantId}/api-keys`;
    expect(await reasonOf(operator, path)).toBe('200');
    expect(await reasonOf({ authorization: `Bearer ${client.key}` }, path)).toBe('401');
    expect(await reasonOf({ 'x-api-key': OPERATOR_TOKEN }, path)).toBe('401');
    expect(await reasonOf({ authorization: `Bearer ${OPERATOR_TOKEN}x` }, path)).toBe('401');
  });

  it('sees nothing of another tenant with a cursor of that tenant', async () => {
    const other = await newTenant();
    const { data } = await (await other.fetch('/v1/api-keys')).json<{ data: { id: string }[] }>();
    const cursor = data[0]?.id ?? '';
    const mine = await client.fetch(`/v1/api-keys?cursor=${cursor}`);
    const ids = (await mine.json<{ data: { id: string }[] }>()).data.map(({ id }) => id);
    expect(ids).not.toContain(cursor);
    const ended = await client.fetch(`/v1/api-keys/${cursor}`, { method: 'DELETE' });
    expect(await problemOf(ended)).toBe('404 not_found');
    expect((await other.fetch('/v1/me')).status).toBe(200);
  });
});
