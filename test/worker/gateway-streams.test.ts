import { env } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { usageEvents } from '../../src/features/metering/index.ts';
import { tenantDb } from '../../src/platform/db.ts';
import { type Client, newTenant } from './client.ts';
import { ask, putModel, type ShapeName } from './gateway-client.ts';
import { modelStatistics } from './gateway-stats.ts';

/** The three ways in which a stream is passed on. */
const WAYS: readonly (readonly [way: string, shape: ShapeName, model: string])[] = [
  ['edited', 'chat', 'local/swift'],
  ['translated', 'chat', 'local/sage'],
  ['piped', 'messages', 'local/sage'],
  ['piped', 'responses', 'local/responder'],
];

beforeAll(async () => {
  await putModel('local/responder', {
    upstream_name: 'swift',
    wire: 'openai-responses',
    pricing: { input: 0, output: 0 },
  });
});

const stream = (client: Client, shape: ShapeName, model: string, prompt: string) =>
  ask(client, shape, model, prompt, {
    body: { stream: true, ...(shape === 'messages' ? { max_tokens: 30_000 } : {}) },
  });

const recorded = (client: Client) =>
  tenantDb(env.DB, client).select(usageEvents, {
    where: eq(usageEvents.tenantId, client.tenantId),
    limit: 10,
  });

/** How many answers of the local server were broken off by whoever read them, of a model. */
const broken = async (model: string) =>
  (await modelStatistics()).aborted.filter((one) => model.endsWith(one.model));

/** Reads so many chunks of an answer that fits into no socket's buffer, leaves, and waits until the provider has been told. */
async function leaveAfter(chunks: number, shape: ShapeName, model: string): Promise<Client> {
  const upstream = model === 'local/responder' ? 'swift' : model;
  const client = await newTenant();
  const before = (await broken(upstream)).length;
  const response = await stream(client, shape, model, `[[heavy:8000]] ${crypto.randomUUID()}`);
  const reader = response.body?.getReader();
  for (let i = 0; i < chunks; i++) await reader?.read();
  await reader?.cancel();
  await expect
    .poll(async () => (await broken(upstream)).length - before, { timeout: 2_000, interval: 50 })
    .toBe(1);
  return client;
}

describe('a client that leaves after 1, 10 or 200 chunks', () => {
  it.each(WAYS)(
    'a stream that is %s (%s by %s) ends the call within two seconds, and each is recorded once',
    async (_, shape, model) => {
      const clients: Client[] = [];
      for (const chunks of [1, 10, 200]) clients.push(await leaveAfter(chunks, shape, model));
      for (const client of clients) {
        await expect.poll(async () => (await recorded(client)).length, { timeout: 30_000 }).toBe(1);
        const [event] = await recorded(client);
        expect(event).toMatchObject({ status: 'cancelled', errorKind: null });
        expect(event?.outputTokens).toBeGreaterThan(0);
      }
    },
  );
});

describe('a client that does not read', () => {
  it.each(WAYS)('slows the provider down in a stream that is %s (%s by %s)', async (_, shape, model) => {
    const client = await newTenant();
    const upstream = model === 'local/responder' ? 'swift' : model;
    const before = (await broken(upstream)).length;
    const response = await stream(client, shape, model, `[[heavy:8000]] ${crypto.randomUUID()}`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await response.body?.cancel();
    await expect.poll(async () => (await broken(upstream)).length - before, { timeout: 3_000 }).toBe(1);
    const sent = (await broken(upstream)).at(-1)?.piecesSent ?? 0;
    expect(sent).toBeGreaterThan(0);
    // 4,000 pieces are 32 MB; what was sent lies in the sockets' buffers.
    expect(sent).toBeLessThan(2_500);
  });
});
