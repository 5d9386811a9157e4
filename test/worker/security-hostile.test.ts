import { exports } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp, operations } from '../../src/app.ts';
import { type Client, newTenant, OPERATOR_TOKEN } from './client.ts';
import { needsBrowser } from './needs-browser.ts';

/** A host that `/mcp` answers under outside production. */
const LOCAL = 'http://localhost';
/** Requests tried; about six milliseconds each. */
const RUNS = 400;

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '\udfff\ud800',
    '\u202e',
    '\r\nx-injected: 1',
    '__proto__',
    'constructor',
    'toString',
    '../../v1/me',
    '%2e%2e',
    "' OR 1=1 --",
    '{{7*7}}',
    '[object Object]',
    'NaN',
    '-0',
    '1e999',
    '9'.repeat(400),
    'é'.repeat(500),
    'local/swift',
    'local/__proto__',
    'run_01M7YBGQY9AHRDE2Y4QFYCKNXZ',
    'run_ZZZZZZZZZZZZZZZZZZZZZZZZZZ',
    'key_ZZZZZZZZZZZZZZZZZZZZZZZZZZ',
  ),
);

/** Half of it nothing special, so that a request with several texts can pass. */
const someText = fc.oneof(fc.constant('plain'), oddText);

const segment = someText.map((text) => encodeURIComponent(text.toWellFormed()));

const anyMethod = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND');

/** A known route as it is, one with another method, or one that nobody thought of. */
const route = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      ...operations.map((one) => ({ path: one.path, method: one.method.toUpperCase() })),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      path: fc.oneof(
        fc.constantFrom(...operations.map((one) => one.path)),
        fc.constantFrom('/health', '/v1/openapi.json', '/mcp', '/docs', '/', '//v1/me', '/v1', '/V1/ME/'),
        segment.map((text) => `/v1/${text}`),
      ),
      method: anyMethod,
    }),
  },
  { weight: 2, arbitrary: fc.constant({ path: '/mcp', method: 'POST' }) },
);

const target = fc
  .tuple(
    route,
    fc.array(segment, { minLength: 2, maxLength: 2 }),
    fc.array(fc.tuple(queryName(), segment), { maxLength: 3 }),
  )
  .map(([{ path, method }, values, query]) => {
    let next = 0;
    const operatorModel = path.startsWith('/v1/operator/models/');
    const filled = path.replaceAll(
      /\{\w+\+?\}/g,
      () => `${operatorModel ? 'local/' : ''}${values[next++] || 'x'}`,
    );
    const asked = query.map(([name, value]) => `${name}=${value}`).join('&');
    return { method, target: asked === '' ? filled : `${filled}?${asked}` };
  });

function queryName() {
  return fc.oneof(
    fc.constantFrom('limit', 'cursor', 'after', 'q', 'provider', 'available', '__proto__'),
    segment,
  );
}

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.double(),
  fc.integer(),
  fc.constantFrom(null, true, false, [], {}, Number.MAX_SAFE_INTEGER, -1, 1e300),
  fc.jsonValue({ maxDepth: 3 }),
);

const price = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1e-9, 0.015, 9, 10, 1_000_000) },
  { weight: 1, arbitrary: fc.double() },
);

const mostly = <T>(good: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: oddValue });

/** Bodies that the routes know, their members good or bad: some pass the schemas and reach what lies behind. */
const question = fc.record(
  {
    prompt: mostly(someText),
    models: mostly(fc.oneof(fc.constant(['local/swift']), fc.array(oddText, { maxLength: 3 }))),
    merge: mostly(fc.record({ strategy: fc.constantFrom('none', 'synthesize', 'consensus', 'best_of') })),
    stream: mostly(fc.boolean()),
    max_cost_usd: mostly(fc.double({ min: 0 })),
    max_tokens: mostly(fc.constant(16)),
  },
  { requiredKeys: ['prompt'] },
);
const key = fc.record(
  {
    name: mostly(someText),
    kind: mostly(fc.constantFrom('secret', 'publishable')),
    scopes: mostly(fc.array(fc.constantFrom('models', 'perspectives'), { minLength: 1 })),
    expires_at: mostly(fc.constantFrom('9999-12-31T23:59:59Z', '9999-12-31T23:59:59.999999999Z')),
  },
  { requiredKeys: ['name'] },
);
const tenant = fc.record(
  { name: mostly(someText), email: mostly(fc.emailAddress()), key_name: mostly(someText) },
  { requiredKeys: ['name', 'email'] },
);
const model = fc.record(
  {
    name: mostly(someText),
    aliases: mostly(fc.array(someText, { maxLength: 2 })),
    upstream_name: mostly(someText),
    pricing: mostly(fc.record({ input: price, request: price }, { requiredKeys: [] })),
    context_window: mostly(fc.integer({ min: 1 })),
  },
  { requiredKeys: [] },
);
const rule = fc.record(
  {
    name: mostly(someText),
    priority: mostly(fc.nat({ max: 10 })),
    conditions: mostly(
      fc.record(
        { tasks: fc.constant(['coding']), model: someText, min_input_tokens: fc.nat() },
        { requiredKeys: [] },
      ),
    ),
    target: mostly(
      fc.oneof(
        fc.constantFrom('local/swift', { auto: ['local/swift', 'sage'] }, { panel: 'debate' }),
        fc.record({ model: someText }),
      ),
    ),
    fallbacks: mostly(fc.constant(['local/scribe'])),
  },
  { requiredKeys: ['name', 'target'] },
);
const panel = fc.record(
  {
    name: mostly(fc.stringMatching(/^[a-z0-9]{1,12}$/)),
    models: mostly(fc.constantFrom(['local/swift'], [{ model: 'sage', stance: 'x' }])),
    strategy: mostly(fc.constantFrom('debate', 'consensus')),
    quorum: mostly(fc.nat({ max: 3 })),
  },
  { requiredKeys: ['name', 'models'] },
);
const settings = fc.record(
  { exploration: mostly(fc.double({ min: 0, max: 0.2 })), weights: oddValue },
  { requiredKeys: [] },
);
const rpc = fc.record(
  {
    jsonrpc: fc.constant('2.0'),
    id: fc.oneof(fc.integer(), oddText, oddValue),
    method: fc.oneof(
      fc.constantFrom(
        'initialize',
        'ping',
        'tools/call',
        'tools/list',
        'prompts/get',
        'resources/read',
        'tasks/get',
      ),
      oddText,
    ),
    params: fc.oneof(
      fc.record({
        name: fc.constantFrom('list_models', 'resolve_model', 'search_documentation'),
        arguments: oddValue,
      }),
      fc.record({ uri: oddText }),
      fc.record({ name: oddText, arguments: oddValue }),
      oddValue,
    ),
  },
  { requiredKeys: ['jsonrpc', 'method'] },
);

const knownBodies = fc.record({ question, key, tenant, model, rule, panel, settings, rpc });

const wildBody = fc.oneof(
  oddValue.map((value) => JSON.stringify(value) ?? ''),
  fc.uint8Array({ maxLength: 60 }),
  fc.constantFrom('', '{', '['.repeat(5_000), '{"__proto__":{"name":1}}', '"'.repeat(70_000)),
);

/** The body that a path knows. */
function bodyFor(
  path: string,
  bodies: Readonly<
    Record<'question' | 'key' | 'tenant' | 'model' | 'rule' | 'panel' | 'settings' | 'rpc', unknown>
  >,
): string {
  if (path.startsWith('/mcp')) return JSON.stringify(bodies.rpc);
  if (path.includes('/api-keys')) return JSON.stringify(bodies.key);
  if (path.startsWith('/v1/operator/models/')) return JSON.stringify(bodies.model);
  if (path.startsWith('/v1/operator/')) return JSON.stringify(bodies.tenant);
  if (path.startsWith('/v1/routing/rules/test')) return JSON.stringify({ rule: bodies.rule });
  if (path.startsWith('/v1/routing/rules')) return JSON.stringify(bodies.rule);
  if (path.startsWith('/v1/routing/panels')) return JSON.stringify(bodies.panel);
  if (path.startsWith('/v1/routing/settings')) return JSON.stringify(bodies.settings);
  return JSON.stringify(bodies.question);
}

/** What a header's value may hold on the wire: `fetch` itself refuses control characters and warns of others. */
const headerText = oddText.map((text) =>
  [...text].filter((character) => /^[\x20-\x7e]$/.test(character)).join(''),
);

const headers = fc.record(
  {
    authorization: fc.oneof(
      { weight: 20, arbitrary: fc.constant('own') },
      { weight: 1, arbitrary: fc.constantFrom('operator', 'tenant') },
      { weight: 1, arbitrary: headerText },
      { weight: 1, arbitrary: headerText.map((text) => `Bearer ${text}`) },
    ),
    'content-type': fc.oneof(
      { weight: 6, arbitrary: fc.constant('application/json') },
      { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', '') },
    ),
    'idempotency-key': fc.oneof(fc.uuid(), fc.uuid(), headerText),
    'last-event-id': headerText,
    'x-api-key': headerText,
    'x-request-id': headerText,
    origin: fc.constantFrom('null', 'https://evil.example', LOCAL),
    accept: fc.constantFrom('*/*', 'text/event-stream, application/json', ''),
    'mcp-protocol-version': headerText,
    'mcp-session-id': headerText,
    cookie: headerText,
  },
  { requiredKeys: ['authorization', 'content-type'] },
);

const request = fc
  .record({
    asked: target,
    headers,
    knownBodies,
    wild: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: wildBody }),
  })
  .map(({ asked, headers, knownBodies, wild }) => ({
    ...asked,
    headers,
    body: wild ?? bodyFor(asked.target, knownBodies),
    // The credential that the route takes, where one is sent: the other is refused at once.
    operator: asked.target.startsWith('/v1/operator/'),
  }));

function send(asked: {
  target: string;
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array;
  operator?: boolean;
}) {
  const credentials: Record<string, string> = {
    own: `Bearer ${asked.operator === true ? OPERATOR_TOKEN : client.key}`,
    tenant: `Bearer ${client.key}`,
    operator: `Bearer ${OPERATOR_TOKEN}`,
  };
  const { authorization = '', ...others } = asked.headers;
  return exports.default.fetch(`${LOCAL}${asked.target}`, {
    method: asked.method,
    redirect: 'manual',
    headers: { host: 'localhost', ...others, authorization: credentials[authorization] ?? authorization },
    ...(asked.method === 'GET' || asked.method === 'HEAD' ? {} : { body: asked.body }),
  });
}

/** Which of the shapes that clients act on an error has; null for none. */
function shapeOf(text: string): string | null {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) return null;
  if ('jsonrpc' in parsed && 'error' in parsed) return 'json-rpc';
  if ('error' in parsed) {
    const { error } = parsed;
    const whole = ['message', 'type', 'param', 'code'].every(
      (name) => typeof error === 'object' && error !== null && name in error,
    );
    if (whole) return 'openai';
    const anthropic = typeof error === 'object' && error !== null && 'type' in error && 'message' in error;
    return anthropic && 'type' in parsed && 'request_id' in parsed ? 'anthropic' : null;
  }
  return ['type', 'title', 'status', 'detail', 'code', 'request_id'].every((name) => name in parsed)
    ? 'problem'
    : null;
}

describe('a hostile request', () => {
  it('is answered or refused in good form, and is never a failure of ours', { timeout: 20_000 }, async () => {
    const seen = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const response = await send(asked);
        const text = await response.text();
        seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
        // A model that this deployment has no key for is a 503 that says so; nothing else may be 500 or above.
        if (!text.includes('no_provider_key')) expect(response.status, text).toBeLessThan(500);
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
        expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9A-Z]{26}$/);
        expect(response.headers.has('x-injected')).toBe(false);
        if (!/^\/mcp(?:\?|$)/.test(asked.target))
          expect(response.headers.get('access-control-allow-origin')).toBeNull();
        else expect(response.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
        expect(text).not.toContain(OPERATOR_TOKEN);
        expect(text).not.toContain(client.key);
        if (response.status < 400 || asked.method === 'HEAD') return;
        expect(response.headers.get('content-type')).toMatch(/^application\/(?:problem\+)?json/);
        expect(shapeOf(text), text).not.toBeNull();
      }),
      { numRuns: RUNS },
    );
    // The requests get past the first gate: some are carried out, and each kind of refusal is met.
    for (const status of [200, 401, 404, 422]) expect([...seen.keys()]).toContain(status);
  });

  it.each(
    operations
      // What only a person at a browser can do is sent too much in person-bodies.test.ts.
      .filter(({ method: name, access }) => (name === 'post' || name === 'put') && !needsBrowser(access))
      .map((one) => [`${one.method} ${one.path}`, one] as const),
  )('finds a bound on the body of %s', async (_, { access, method: name, path: template, tag }) => {
    const target = template
      .replaceAll(/\{\w+\+\}/g, 'local/swift')
      .replaceAll('{provider}', 'google')
      .replaceAll(/\{\w+\}/g, 'x');
    const response = await send({
      target,
      method: name.toUpperCase(),
      headers: {
        authorization: access.kind === 'operator' ? 'operator' : 'tenant',
        'content-type': 'application/json',
      },
      // The gateway takes inlined pictures and files; everything else far less.
      body: JSON.stringify({ prompt: 'x'.repeat((tag === 'Gateway' ? 33 : 9) * 1024 * 1024) }),
    });
    await response.body?.cancel();
    // What takes no body reads none.
    const takesNone: Readonly<Record<string, number>> = {
      '/auth/sign-out': 204,
      '/v1/operator/tenants/x/audit/copy': 422,
      '/auth/passkey/options': 200,
      '/v1/provider-keys/x/validate': 404,
      '/v1/webhook-endpoints/x/rotate': 404,
      '/v1/webhook-endpoints/x/test': 404,
    };
    expect(response.status).toBe(target.endsWith('/cancel') ? 404 : (takesNone[target] ?? 413));
  });

  it('gets through no long query, deep path or many headers', async () => {
    const long = 'a'.repeat(100_000);
    for (const target of [
      `/v1/api-keys?cursor=${long}`,
      `/v1/models?q=${long}`,
      `/v1/perspectives?${long}`,
      `/v1/${'a/'.repeat(10_000)}`,
    ]) {
      const response = await send({
        target,
        method: 'GET',
        headers: {
          authorization: 'tenant',
          ...Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x-${i}`, 'y'])),
        },
        body: '',
      });
      await response.body?.cancel();
      expect(response.status).toBeLessThan(500);
    }
  });
});

describe('a deployment that is not set up', () => {
  it('says which setting is missing, in good form and without any value', async () => {
    const bindings = { ENVIRONMENT: 'production', KEY_SIGNING_SECRET: 'short-secret' };
    const response = await createApp().request('https://parallax.test/v1/me', {}, bindings);
    const text = await response.text();
    expect(response.status).toBe(500);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(shapeOf(text)).toBe('problem');
    expect(text).toContain('KEY_SIGNING_SECRET');
    expect(text).not.toContain('short-secret');
  });
});
