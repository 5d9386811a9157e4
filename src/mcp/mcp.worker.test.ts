import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant } from '../../test/worker/client.ts';
import { usageEvent } from '../../test/worker/usage-events.ts';
import type { Run } from '../contracts/perspectives.ts';
import { writeUsage } from '../features/metering/index.ts';
import { newId } from '../platform/ids.ts';

/** Loopback: outside production, nothing else passes the door. */
const MCP = 'http://localhost/mcp';

let client: Client;

beforeAll(async () => {
  client = await newTenant();
});

const CALL = {
  name: 'get_perspectives',
  arguments: { prompt: 'Queue or cron?', models: ['local/silent'], strategy: 'none' },
};

/** One message to the real entry. */
function send(message: object, headers: Record<string, string>, key = client.key): Promise<Response> {
  return exports.default.fetch(MCP, {
    method: 'POST',
    headers: {
      host: 'localhost',
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
  });
}

const legacy = (message: object, session?: string, key?: string) =>
  send(
    message,
    { 'mcp-protocol-version': '2025-11-25', ...(session === undefined ? {} : { 'mcp-session-id': session }) },
    key,
  );

function modern(method: string, params: Record<string, unknown>): Promise<Response> {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    progressToken: 'p',
  };
  const name = typeof params.name === 'string' ? { 'mcp-name': params.name } : undefined;
  return send(
    { id: 1, method, params: { ...params, _meta } },
    { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, ...name },
  );
}

/** Reads a stream until it names a run, and leaves it open. */
async function started(response: Response): Promise<{ id: string; leave: () => Promise<void> }> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error('the response has no body');
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended without naming a run: ${text}`);
    text += value;
    const id = /run_[0-9A-Z]{26}/.exec(text)?.[0];
    if (id !== undefined) return { id, leave: () => reader.cancel() };
  }
}

async function ended(id: string): Promise<Run> {
  for (;;) {
    const run = await (await client.fetch(`/v1/perspectives/${id}`)).json<Run>();
    if (run.status !== 'running') return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const withProgress = { ...CALL, _meta: { progressToken: 'p' } };
const codes = (run: Run) => run.perspectives.map(({ error }) => error?.code);

describe('/mcp through the real entry', () => {
  it('shakes hands and gives a session id that only names the client', async () => {
    const response = await legacy({
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'worker-test', version: '1' },
      },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('mcp-session-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(await response.text()).toContain('"protocolVersion":"2025-11-25"');
  });

  it('asks real models and links to the kept run', async () => {
    const call = {
      name: 'get_perspectives',
      arguments: { prompt: 'Queue or cron?', models: ['local/swift', 'local/sage'] },
    };
    const text = await (await modern('tools/call', call)).text();
    const id = /parallax:\/\/runs\/(run_[0-9A-Z]{26})/.exec(text)?.[1] ?? '';
    expect((await ended(id)).status).toBe('completed');
    expect(text).toContain('"resource_link"');
  });

  it('stops the run of a 2026-07-28 client that closes its stream', async () => {
    const { id, leave } = await started(await modern('tools/call', CALL));
    await leave();
    expect(codes(await ended(id))).toEqual(['cancelled']);
  });

  it('stops the run of a 2025-11-25 client that says so, by the data centre’s cache', async () => {
    const { id } = await started(
      await legacy({ id: 9, method: 'tools/call', params: withProgress }, 'session-a'),
    );
    const cancel = { method: 'notifications/cancelled', params: { requestId: 9 } };
    expect((await legacy(cancel, 'session-a')).status).toBe(202);
    expect(codes(await ended(id))).toEqual(['cancelled']);
  });

  it('does not let another tenant stop it with the same session and request id', async () => {
    const other = await newTenant();
    const { id } = await started(
      await legacy({ id: 9, method: 'tools/call', params: withProgress }, 'session-b'),
    );
    const cancel = { method: 'notifications/cancelled', params: { requestId: 9 } };
    await legacy(cancel, 'session-b', other.key);
    await legacy(cancel, 'session-c');
    const run = await (await client.fetch(`/v1/perspectives/${id}`)).json<Run>();
    expect(run.status).toBe('running');
    await client.fetch(`/v1/perspectives/${id}/cancel`, { method: 'POST' });
  });

  it('tells a tenant what it used and what it has left, and nobody else', async () => {
    const [one, other] = [await newTenant(), await newTenant()];
    const event = (model: string, chargeNano: number) =>
      usageEvent({
        id: newId('call'),
        at: Date.now() - 1_000,
        tenantId: one.tenantId,
        model,
        costNano: chargeNano,
        chargeNano,
      });
    await writeUsage(
      env.DB,
      [event('a/x', 3_000_000), event('a/x', 1_000_000), event('b/y', 500_000)],
      () => [],
    );
    const params = { name: 'get_usage', arguments: { period: '7d', group_by: 'model' } };
    const text = async (key: string) =>
      (await legacy({ id: 1, method: 'tools/call', params }, undefined, key)).text();
    const made = await one.fetch('/v1/budgets', { body: { name: 'Ours', limit_usd: 7 } });
    expect(made.status).toBe(201);
    const mine = await text(one.key);
    expect(mine).toContain('"budgets":[{"name":"Ours","period":"monthly","limit_usd":7,');
    expect(await text(other.key)).toContain('"budgets":[]');
    expect(mine).toContain('"totals":{"calls":3,"success_rate":1,"input_tokens":300,"output_tokens":300,');
    expect(mine).toContain('"groups":[{"name":"a/x","calls":2,');
    expect(mine).toContain('"charge_usd":0.0045');
    const credits = await (await one.fetch('/v1/credits')).json<{ available_usd: number }>();
    expect(mine).toContain(`"available_usd":${credits.available_usd},`);
    expect(await text(other.key)).toContain('"totals":{"calls":0,"success_rate":null,');
  });

  it('refuses a caller without a key as RFC 6750 says', async () => {
    const response = await exports.default.fetch(MCP, {
      method: 'POST',
      headers: { host: 'localhost', 'content-type': 'application/json' },
      body: '{}',
    });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer realm="parallax", resource_metadata="${new URL(MCP).origin}/.well-known/oauth-protected-resource/mcp", scope="perspectives models usage:read"`,
    );
  });
});
