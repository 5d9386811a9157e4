import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/features/identity/people-and-tenants.fixture.ts';
import { connected, owner, rpc } from '../worker/oauth-apps.ts';

const search = (token: string) =>
  rpc(token, 'tools/call', { name: 'search_documentation', arguments: { query: 'limits' } });

/** Calls at the same moment until one is refused; this deployment lets 120 of a user's in at once. */
async function untilRefused(token: string): Promise<Response | undefined> {
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(Array.from({ length: 25 }, () => search(token)));
    const refused = answers.find(({ status }) => status === 429);
    if (refused !== undefined) return refused;
    await Promise.all(answers.map((answer) => answer.text()));
  }
  return undefined;
}

describe('a connected app that calls tools without end', () => {
  it('is held to its person’s limits', async () => {
    const { person, tenantId } = await owner();
    const { tokens } = await connected(person, tenantId);
    const refused = await untilRefused(tokens.access_token);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
    // What is not a tool is not counted.
    expect((await rpc(tokens.access_token, 'tools/list')).status).toBe(200);
  });
});

describe('a key with a rate of its own', () => {
  it('is held to it at /mcp too', async () => {
    const { person } = await owner();
    const { key } = await keyOf(person, { name: 'Slow', rate_limit: 10 });
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await search(key)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  });
});
