import { env, evictDurableObject } from 'cloudflare:test';
import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { callLedger } from '../../src/features/metering/index.ts';
import { type Client, newTenant, problemOf } from '../worker/client.ts';
import { ask } from '../worker/gateway-client.ts';

const QUESTION = { prompt: 'Why is the sky blue?', models: ['local/swift'] };

const tool = (client: Client, args: object) =>
  exports.default.fetch('http://localhost/mcp', {
    method: 'POST',
    headers: {
      host: 'localhost',
      'mcp-protocol-version': '2025-11-25',
      authorization: `Bearer ${client.key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'get_perspectives', arguments: args },
    }),
  });

describe('the rates of a plan', () => {
  it('count runs alike from every surface, and say when to come back', async () => {
    const client = await newTenant();
    const first = await client.fetch('/v1/perspectives', { body: QUESTION });
    expect(first.status).toBe(200);
    expect(first.headers.get('ratelimit-policy')).toBe('"perspectives";q=10');
    expect(first.headers.get('ratelimit')).toMatch(/^"perspectives";r=9;t=\d+$/);
    const { id } = await first.json<{ id: string }>();
    const more = await Promise.all(
      Array.from({ length: 11 }, () => client.fetch('/v1/perspectives', { body: QUESTION })),
    );
    expect(more.map(({ status }) => status).filter((status) => status === 200)).toHaveLength(9);
    const refused = more.find(({ status }) => status === 429);
    // One comes every 36 seconds.
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(25);
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(36);
    expect(refused?.headers.get('ratelimit')).toMatch(/^"perspectives";r=0;t=\d+$/);

    expect((await ask(client, 'chat', 'parallax/consensus', 'Hi')).status).toBe(429);
    expect((await tool(client, { prompt: 'Hi' })).status).toBe(429);
    const merge = await client.fetch(`/v1/perspectives/${id}/merge`, { body: { strategy: 'consensus' } });
    expect(await problemOf(merge)).toBe('429 rate_limited');
    // What starts no run goes on.
    expect((await ask(client, 'chat', 'local/swift', 'Hi')).status).toBe(200);
    const read = await tool(client, { run_id: id });
    expect(read.status).toBe(200);
    await read.text();
    expect((await client.fetch('/v1/perspectives/quote', { body: QUESTION })).status).toBe(200);
  });

  it('hold in a minute of use when the plan changes, and without waiting for it', async () => {
    const client = await newTenant();
    const me = async () =>
      (await client.fetch('/v1/me')).json<{
        user: { id: string };
        limits: { requests_per_minute: number };
      }>();
    const { user, limits } = await me();
    expect(limits.requests_per_minute).toBe(60);
    const { tenantId } = client;
    const now = Date.now();
    const plan = { tenantId, id: 'test', plan: 'pro', seats: 1, anchorAt: now, asOf: now } as const;
    await callLedger(env, tenantId, (ledger) => ledger.setPlan(plan));
    expect((await me()).limits.requests_per_minute).toBe(60);
    // As after a pause: what was known is used once more, and read again beside the answer.
    await evictDurableObject(env.USER_LIMITER.getByName(user.id));
    expect((await me()).limits.requests_per_minute).toBe(60);
    expect((await me()).limits.requests_per_minute).toBe(600);
  });
});
