import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../platform/errors.ts';
import { jsonTokens } from './digest/budget.ts';
import {
  ADDRESS,
  legacyClient,
  legacyRequest,
  modernClient,
  modernRequest,
  resultOf,
  serve,
} from './in-process.ts';

describe('the door', () => {
  const call = (headers: Record<string, string>, served = serve()) =>
    served.fetch(legacyRequest({ id: 1, method: 'ping' }, headers));

  it('refuses a host name that somebody pointed at this machine (DNS rebinding)', async () => {
    expect((await call({ host: 'evil.example' })).status).toBe(403);
  });

  it('refuses a page of another origin, and an opaque one', async () => {
    expect((await call({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await call({ origin: 'null' })).status).toBe(403);
  });

  it('lets a page on this machine in and tells its browser so', async () => {
    const response = await call({ origin: 'http://localhost:6274' });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:6274');
  });

  it('goes by the public address in production', async () => {
    const config = {
      environment: 'production',
      publicUrl: 'https://parallax.example',
      runRetentionDays: 30,
    } as const;
    expect((await call({ host: 'parallax.example' }, serve({ config }))).status).toBe(200);
    expect((await call({ host: 'localhost' }, serve({ config }))).status).toBe(403);
    expect(
      (await call({ host: 'parallax.example', origin: 'https://parallax.example' }, serve({ config })))
        .status,
    ).toBe(200);
  });

  it('answers a browser’s preflight without asking who it is', async () => {
    const authenticate = async () => {
      throw new ParallaxError('unauthenticated', 'No key.');
    };
    const served = serve({ authenticate });
    const response = await served.fetch(
      new Request(ADDRESS, {
        method: 'OPTIONS',
        headers: { host: 'localhost', origin: 'http://localhost:6274' },
      }),
    );
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toContain('mcp-protocol-version');
  });

  it('asks for one of the user’s requests before a tool is called, and for nothing else', async () => {
    let taken = 0;
    const limit = async () => {
      taken += 1;
      if (taken > 1) throw new ParallaxError('rate_limited', 'Too many requests.', { retryAfterMs: 1_500 });
    };
    const served = serve({ limit });
    const ask = (method: string, params: object) =>
      served.fetch(
        new Request(ADDRESS, {
          method: 'POST',
          headers: {
            host: 'localhost',
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': '2025-11-25',
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
        }),
      );
    expect((await ask('tools/list', {})).status).toBe(200);
    expect(taken).toBe(0);
    const tool = { name: 'search_documentation', arguments: { query: 'limits' } };
    expect((await ask('tools/call', tool)).status).toBe(200);
    const refused = await ask('tools/call', tool);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
  });

  it('challenges as RFC 6750 says: bare without a credential, invalid_token with a wrong one', async () => {
    const authenticate = async () => {
      throw new ParallaxError('unauthenticated', 'No key.');
    };
    const bare = await call({}, serve({ authenticate }));
    expect(bare.status).toBe(401);
    const where = `resource_metadata="${new URL(ADDRESS).origin}/.well-known/oauth-protected-resource/mcp", scope="perspectives models usage:read"`;
    expect(bare.headers.get('www-authenticate')).toBe(`Bearer realm="parallax", ${where}`);
    const wrong = await call({ authorization: 'Bearer plx_sk_wrong' }, serve({ authenticate }));
    expect(wrong.headers.get('www-authenticate')).toBe(
      `Bearer realm="parallax", error="invalid_token", ${where}`,
    );
    expect(await wrong.text()).not.toContain('plx_sk_wrong');
  });

  it('refuses broken, oversized and absurdly nested bodies without a 500', async () => {
    const post = (body: BodyInit, type = 'application/json') =>
      serve().fetch(
        new Request(ADDRESS, {
          method: 'POST',
          headers: { host: 'localhost', 'content-type': type, accept: 'application/json, text/event-stream' },
          body,
        }),
      );
    expect((await post('{')).status).toBe(400);
    expect((await post(new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400);
    expect((await post(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)).status).toBe(400);
    expect((await post(`"${'x'.repeat(1024 * 1024 + 1)}"`)).status).toBe(413);
    expect((await post('{}', 'text/plain')).status).toBe(415);
    expect((await post('42')).status).toBeLessThan(500);
  });

  it('has no GET stream and no DELETE', async () => {
    for (const method of ['GET', 'DELETE']) {
      expect(
        (
          await serve().fetch(
            new Request(ADDRESS, { method, headers: { host: 'localhost', accept: 'text/event-stream' } }),
          )
        ).status,
      ).toBe(405);
    }
  });
});

describe('listing', () => {
  it('shows the same tools to the official clients of both revisions', async () => {
    const served = serve();
    const names = [
      'get_perspectives',
      'list_models',
      'resolve_model',
      'merge_responses',
      'get_usage',
      'search_documentation',
    ];
    const legacy = await legacyClient(served);
    const modern = await modernClient(served);
    expect((await legacy.listTools()).tools.map(({ name }) => name)).toEqual(names);
    expect((await modern.listTools()).tools.map(({ name }) => name)).toEqual(names);
    expect(modern.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  });

  it('gives every tool a title, annotations and both schemas', async () => {
    const { tools } = await (await legacyClient(serve())).listTools();
    for (const tool of tools) {
      expect(tool).toMatchObject({
        title: expect.any(String),
        annotations: expect.any(Object),
        inputSchema: { type: 'object' },
        outputSchema: { type: 'object' },
      });
    }
  });

  it('shows only what the bearer’s scopes allow', async () => {
    const client = await legacyClient(serve({ scopes: ['models'] }));
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
      'list_models',
      'resolve_model',
      'search_documentation',
    ]);
    expect((await client.listPrompts()).prompts).toEqual([]);
    expect((await client.listResourceTemplates()).resourceTemplates.map(({ name }) => name)).toEqual([
      'model',
      'documentation',
    ]);
  });

  it('costs a conversation little', async () => {
    const { tools } = await (await legacyClient(serve())).listTools();
    const forModels = tools.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
    expect(jsonTokens(forModels)).toBeLessThan(1_200);
    expect(jsonTokens(tools)).toBeLessThan(3_950);
  });

  it('says on 2026-07-28 how long a list may be kept, and for whom', async () => {
    for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
      const result = await resultOf(await serve().fetch(modernRequest(method, {})));
      expect(result).toMatchObject({
        resultType: 'complete',
        ttlMs: expect.any(Number),
        cacheScope: 'private',
      });
    }
  });
});
