import { env, evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { PLANS } from '../../src/contracts/plans.ts';
import { callLimiter } from '../../src/features/identity/index.ts';
import { callLedger } from '../../src/features/metering/index.ts';
import { unwrap } from '../../src/platform/errors.ts';
import { type Client, newTenant, problemOf } from '../worker/client.ts';
import { ask, eventsOf, type Json } from '../worker/gateway-client.ts';

const { burst, count: perMinute } = PLANS.free.tokens;
/** What an answer of no stated bound is expected to have. */
const EXPECTED_OUTPUT = 1_200;

const userOf = async (client: Client): Promise<string> => {
  const me = await (await client.fetch('/v1/me')).json<{ user: { id: string } }>();
  return me.user.id;
};

/** Another isolate takes so many. */
async function takenElsewhere(client: Client, tokens: number): Promise<void> {
  const question = { needed: tokens, least: tokens, wanted: tokens, unused: 0 };
  const { lent } = await callLimiter(env, await userOf(client), (limiter) =>
    limiter.lendTokens(client.tenantId, question),
  );
  expect(lent).toBe(tokens);
}

const remaining = (response: Response) => Number(response.headers.get('x-ratelimit-remaining-tokens'));

describe('tokens a minute of the free plan', () => {
  it('are said beside the requests in the headers of each shape, and in /v1/me', async () => {
    const client = await newTenant();
    const me = await (await client.fetch('/v1/me')).json<Json>();
    expect(me.limits.tokens_per_minute).toBe(perMinute);
    for (const shape of ['chat', 'responses'] as const) {
      const answer = await ask(client, shape, 'local/swift', 'Hello');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('x-ratelimit-limit-tokens')).toBe(String(burst));
      expect(remaining(answer)).toBeLessThanOrEqual(burst);
      expect(remaining(answer)).toBeGreaterThan(burst - 2 * EXPECTED_OUTPUT - 200);
      expect(answer.headers.get('x-ratelimit-reset-tokens')).toMatch(/^\d+s$/);
      await answer.text();
    }
    const answer = await ask(client, 'messages', 'local/swift', 'Hello');
    expect(answer.headers.get('anthropic-ratelimit-tokens-limit')).toBe(String(burst));
    expect(Number(answer.headers.get('anthropic-ratelimit-tokens-remaining'))).toBeLessThanOrEqual(burst);
    const reset = Date.parse(answer.headers.get('anthropic-ratelimit-tokens-reset') ?? '');
    expect(reset).toBeGreaterThan(Date.now() - 1_000);
    expect(reset).toBeLessThan(Date.now() + 10_000);
    // Runs and embeddings say it alike where they count, and not where they do not.
    const embedded = await client.fetch('/v1/embeddings', { body: { model: 'local/embed', input: 'Hello' } });
    expect([embedded.status, embedded.headers.get('x-ratelimit-limit-tokens')]).toEqual([200, String(burst)]);
    const counted = await client.fetch('/v1/messages/count_tokens', {
      body: { model: 'local/swift', messages: [{ role: 'user', content: 'Hello' }] },
    });
    expect([counted.status, counted.headers.get('anthropic-ratelimit-tokens-limit')]).toEqual([200, null]);
  });

  it('are taken at the estimate, and what was not used goes back when the answer has ended', async () => {
    const client = await newTenant();
    // Far from full, so that what goes back is seen.
    await takenElsewhere(client, burst - 100_000);
    const first = await ask(client, 'chat', 'local/swift', 'Hello', { body: { stream: true } });
    const before = remaining(first);
    await eventsOf(first);
    const second = await ask(client, 'chat', 'local/swift', 'Hello', { body: { max_tokens: 5 } });
    // The first answer was far shorter than 1,200 tokens.
    expect(remaining(second)).toBeGreaterThan(before + 300);
    const failed = await ask(client, 'chat', 'local/swift', '[[status:500]]');
    expect(failed.status).toBe(502);
    const third = await ask(client, 'chat', 'local/swift', 'Hello', { body: { max_tokens: 5 } });
    expect(remaining(third)).toBeGreaterThan(remaining(second) - 100);
  });

  it('refuse what comes beyond them, with when to come back, in the shape of each client; smaller requests go on', async () => {
    const client = await newTenant();
    await takenElsewhere(client, burst - 4_000);
    const long = 'word '.repeat(30_000);
    const refused = await ask(client, 'chat', 'local/swift', long);
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    // Some 27,000 tokens are missing, of which 250,000 flow in a minute.
    expect(wait).toBeGreaterThanOrEqual(4);
    expect(wait).toBeLessThanOrEqual(14);
    expect(refused.headers.get('ratelimit-policy')).toBe(`"tokens";q=${burst}`);
    expect(refused.headers.get('ratelimit')).toBe(`"tokens";r=0;t=${wait}`);
    expect(refused.headers.get('x-ratelimit-remaining-tokens')).toBe('0');
    const { error } = await refused.json<Json>();
    expect(error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded', limit: 'tokens' });
    expect(error.message).toContain('Too many tokens: 250,000 a minute, up to 500,000 at once');
    const other = await ask(client, 'messages', 'local/swift', long, { body: { stream: true } });
    expect([other.status, (await other.json<Json>()).error.type]).toEqual([429, 'rate_limit_error']);
    expect(Number(other.headers.get('retry-after'))).toBeGreaterThan(0);
    const told = (name: string) => other.headers.get(`anthropic-ratelimit-${name}`);
    expect([told('tokens-limit'), told('tokens-remaining')]).toEqual([String(burst), '0']);
    expect(Date.parse(told('tokens-reset') ?? '')).toBeGreaterThan(Date.now());
    // It was let in as a request before its tokens were refused.
    expect(Number(told('requests-remaining'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('x-ratelimit-remaining-requests'))).toBeGreaterThan(0);
    expect((await ask(client, 'chat', 'local/swift', 'Hello', { body: { max_tokens: 5 } })).status).toBe(200);
  });

  it('are one person’s in one tenant: others of theirs go on, and an eviction forgets nothing', async () => {
    const client = await newTenant();
    const user = await userOf(client);
    await takenElsewhere(client, burst);
    // Answers that were longer than expected are owed.
    const owed = { needed: 0, least: 0, wanted: 0, unused: -burst };
    await callLimiter(env, user, (limiter) => limiter.lendTokens(client.tenantId, owed));
    expect((await ask(client, 'chat', 'local/swift', 'Hello')).status).toBe(429);
    const limiter = env.USER_LIMITER.getByName(user);
    const left = async () => {
      const question = { needed: 0, least: 0, wanted: 0, unused: 0 };
      return (await limiter.lendTokens(client.tenantId, question)).left;
    };
    const written = () =>
      runInDurableObject(limiter, (_, state) =>
        String(state.storage.sql.exec('SELECT state FROM limits').toArray()[0]?.state),
      );
    await expect.poll(written, { timeout: 5_000 }).toMatch(/tokens",\{"tokens":-[45]/);
    await evictDurableObject(limiter);
    expect(await left()).toBeLessThan(-burst + perMinute / 4);
    expect((await ask(await newTenant(), 'chat', 'local/swift', 'Hello')).status).toBe(200);
    const run = await client.fetch('/v1/perspectives', {
      body: { prompt: 'Hello', models: ['local/swift'] },
    });
    expect(run.status).toBe(429);
  });

  it('grow with the plan', async () => {
    const client = await newTenant();
    const { tenantId } = client;
    const now = Date.now();
    const plan = { tenantId, id: 'test', plan: 'team', seats: 1, anchorAt: now, asOf: now } as const;
    unwrap(await callLedger(env, tenantId, (ledger) => ledger.setPlan(plan)));
    const answer = await ask(client, 'chat', 'local/swift', 'Hello');
    expect(answer.headers.get('x-ratelimit-limit-tokens')).toBe(String(PLANS.team.tokens.burst));
    expect(await problemOf(await ask(client, 'chat', 'local/none', 'Hello'))).toContain('404');
  });
});
