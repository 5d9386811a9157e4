import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, newTenant } from './client.ts';
import { ask, type Json, putModel } from './gateway-client.ts';
import { modelStatistics } from './gateway-stats.ts';

/** Models of their own, so that a limit that is used up is nobody else's. */
const MODELS = ['limited-short', 'limited-long', 'limited-first', 'limited-second'] as const;

let client: Client;
beforeAll(async () => {
  client = await newTenant();
  for (const name of MODELS)
    await putModel(`local/${name}`, {
      upstream_name: `refuses@${name}`,
      hidden: true,
      category: 'chat',
      pricing: { input: 0, output: 0 },
    });
});

/** Whether the local server has been sent this text. */
const wasSent = async (text: string) =>
  ((await modelStatistics()).last.refuses ?? []).some(({ body }) => body.includes(text));

describe('a provider’s limit, through the gateway', () => {
  it('is waited for when it comes back soon, and the call is answered', async () => {
    expect((await ask(client, 'chat', 'local/limited-short', '[[left:0 400ms]] one')).status).toBe(200);
    const began = Date.now();
    expect((await ask(client, 'chat', 'local/limited-short', 'two')).status).toBe(200);
    expect(Date.now() - began).toBeGreaterThanOrEqual(300);
  });

  it('that comes back later is a 429 with Retry-After, and nothing is sent', async () => {
    expect((await ask(client, 'chat', 'local/limited-long', '[[left:0 30000ms]] three')).status).toBe(200);
    const refused = await ask(client, 'chat', 'local/limited-long', 'a fourth one');
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(20);
    expect(wait).toBeLessThanOrEqual(30);
    const { error } = await refused.json<Json>();
    expect(error).toMatchObject({
      code: 'rate_limit_exceeded',
      message: expect.stringMatching(/local\/limited-long is used up\. Come back in \d+ s/),
    });
    expect(await wasSent('three')).toBe(true);
    expect(await wasSent('a fourth one')).toBe(false);
  });

  it('sends a call to the next model of its route', async () => {
    expect((await ask(client, 'chat', 'local/limited-first', '[[left:0 30000ms]] five')).status).toBe(200);
    const answered = await ask(client, 'chat', 'local/limited-first', 'six', {
      body: { models: ['local/limited-first', 'local/limited-second'] },
    });
    expect(answered.status).toBe(200);
    expect(answered.headers.get('x-parallax-model')).toBe('local/limited-second');
    expect(await wasSent('six')).toBe(true);
  });
});
