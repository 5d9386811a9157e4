import { describe, expect, it } from 'vitest';
import { ENVELOPE, legacyRequest, modernRequest, resultOf, serve } from './in-process.ts';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const listModels = { name: 'list_models', arguments: {} };

/** Sends a request with headers changed; null takes one away. */
async function answerTo(request: Request, changed: Record<string, string | null> = {}) {
  for (const [name, value] of Object.entries(changed)) {
    if (value === null) request.headers.delete(name);
    else request.headers.set(name, value);
  }
  const response = await serve().fetch(request);
  const body = (await response.json()) as { error?: { code: number; data?: object }; id?: unknown };
  return { status: response.status, code: body.error?.code, data: body.error?.data, id: body.id };
}

describe('what 2026-07-28 says of headers and errors', () => {
  it.each([
    ['another method', { 'mcp-method': 'tools/list' }],
    ['no method', { 'mcp-method': null }],
    ['another name', { 'mcp-name': 'get_perspectives' }],
    ['no name', { 'mcp-name': null }],
    ['another revision', { 'mcp-protocol-version': '2025-11-25' }],
    ['no revision', { 'mcp-protocol-version': null }],
  ])('refuses headers that give %s than the body: 400 and -32020', async (_, changed) => {
    expect(await answerTo(modernRequest('tools/call', listModels), changed)).toMatchObject({
      status: 400,
      code: -32_020,
      id: 1,
    });
  });

  it('refuses a revision that it does not speak, and names those it does: 400 and -32022', async () => {
    const request = modernRequest('tools/list', {}, { ...ENVELOPE, [VERSION_KEY]: '2099-01-01' });
    expect(await answerTo(request, { 'mcp-protocol-version': '2099-01-01' })).toMatchObject({
      status: 400,
      code: -32_022,
      data: { supported: ['2026-07-28'], requested: '2099-01-01' },
    });
  });

  it('has nothing at an unknown method, nor at those that the revision took away: 404 and -32601', async () => {
    for (const method of ['no/such', 'ping', 'initialize', 'logging/setLevel', 'resources/subscribe']) {
      expect(await answerTo(modernRequest(method, {})), method).toMatchObject({ status: 404, code: -32_601 });
    }
  });

  it('demands the whole envelope: 400 and -32602', async () => {
    const request = modernRequest('tools/list', {}, { [VERSION_KEY]: '2026-07-28' });
    expect(await answerTo(request)).toMatchObject({ status: 400, code: -32_602 });
  });

  it('names the capability that a request needs of its client: 400 and -32021', async () => {
    expect(await answerTo(modernRequest('tasks/get', { taskId: 'run_1' }))).toMatchObject({
      status: 400,
      code: -32_021,
      data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
    });
  });

  it('answers unknown tools, prompts and resources within the protocol: 200 and -32602', async () => {
    for (const request of [
      modernRequest('tools/call', { name: 'nope' }),
      modernRequest('prompts/get', { name: 'nope' }),
      modernRequest('resources/read', { uri: 'parallax://nope' }),
    ]) {
      expect(await answerTo(request)).toMatchObject({ status: 200, code: -32_602, id: 1 });
    }
  });

  it('says of every result that it is complete', async () => {
    const page = { type: 'ref/resource', uri: 'parallax://docs/{+page}' };
    for (const [method, params] of [
      ['server/discover', {}],
      ['tools/list', {}],
      ['tools/call', listModels],
      ['tools/call', { name: 'search_documentation', arguments: { query: 'key' } }],
      ['prompts/list', {}],
      ['prompts/get', { name: 'debate', arguments: { proposition: 'x' } }],
      ['resources/list', {}],
      ['resources/templates/list', {}],
      ['resources/read', { uri: 'parallax://models' }],
      ['completion/complete', { ref: page, argument: { name: 'page', value: 'm' } }],
    ] as const) {
      const result = await resultOf(await serve().fetch(modernRequest(method, params)));
      expect(result, method).toMatchObject({ resultType: 'complete' });
    }
  });

  it('says of what may be kept how long and for whom', async () => {
    const read = modernRequest('resources/read', { uri: 'parallax://models' });
    expect(await resultOf(await serve().fetch(read))).toMatchObject({ ttlMs: 60_000, cacheScope: 'private' });
    const discover = modernRequest('server/discover', {});
    expect(await resultOf(await serve().fetch(discover))).toMatchObject({
      supportedVersions: ['2026-07-28'],
      ttlMs: 300_000,
      cacheScope: 'private',
    });
  });
});

describe('what 2025-11-25 says of errors', () => {
  it('answers an unknown method within the protocol, and refuses a revision that nobody knows with 400', async () => {
    const unknown = await serve().fetch(legacyRequest({ id: 1, method: 'no/such' }));
    expect(unknown.status).toBe(200);
    expect(await resultOf(unknown)).toMatchObject({ error: { code: -32_601 } });
    const ping = legacyRequest({ id: 1, method: 'ping' }, { 'mcp-protocol-version': '1999-01-01' });
    expect((await serve().fetch(ping)).status).toBe(400);
  });

  it('has none of the marks of the newer revision', async () => {
    const result = await resultOf(await serve().fetch(legacyRequest({ id: 1, method: 'tools/list' })));
    expect(result).toHaveProperty('tools');
    for (const mark of ['resultType', 'ttlMs', 'cacheScope']) expect(result).not.toHaveProperty(mark);
  });
});
