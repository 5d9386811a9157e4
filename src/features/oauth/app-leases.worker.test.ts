import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { owner } from '../../../test/worker/oauth-apps.ts';
import { tenantDb } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { APP_AGE_MS, isConnected } from './app-leases.ts';
import { activateApp, allowApp, endApp } from './apps.ts';
import { tokenIn } from './principal.ts';
import { connectedApps } from './schema.ts';
import { forgetOldApps } from './upkeep.ts';

const DAY_MS = 24 * 3_600_000;

interface AllowedApp {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly at: number;
}

/** An app that somebody new allowed, some days ago. */
async function app(daysAgo = 0): Promise<AllowedApp> {
  const { person, tenantId } = await owner();
  const at = Date.now() - daysAgo * DAY_MS;
  const { userId } = person;
  const id = newId('connectedApp', at);
  await allowApp(env.DB, tenantId, {
    id,
    tenantId,
    userId,
    clientId: 'client',
    clientName: 'App',
    clientHost: null,
    redirectUri: 'https://app.example.com/callback',
    redirectHost: 'app.example.com',
    scopes: ['models'],
    createdAt: at,
  });
  return { id, tenantId, userId, at };
}

const later: Promise<unknown>[] = [];
const asks = (who: AllowedApp, now: number) =>
  isConnected(env as Env, who, who.id, { now: () => now }, (work) => void later.push(work));

describe('what an isolate knows of a connected app', () => {
  it('is five seconds old at the most: what was ended elsewhere is refused from then on', async () => {
    const one = await app();
    const now = one.at;
    const clock = { now: () => now };
    await activateApp(env.DB, one, { appId: one.id, grantId: 'grant', since: now - 1 }, clock);
    expect(await asks(one, now)).toBe(true);
    await endApp(env.DB, one, one.id, clock);
    expect(await asks(one, now + APP_AGE_MS - 1)).toBe(true);
    expect(await asks(one, now + APP_AGE_MS)).toBe(false);
    expect(APP_AGE_MS).toBeLessThanOrEqual(5_000);
  });

  it('does not count an app whose code was never exchanged', async () => {
    const one = await app();
    expect(await asks(one, Date.now())).toBe(false);
  });

  it('is written to the minute as its last use', async () => {
    const one = await app();
    const now = one.at;
    await activateApp(env.DB, one, { appId: one.id, grantId: 'grant', since: now - 1 }, { now: () => now });
    for (const at of [now + 10_000, now + 20_000, now + 90_000]) await asks(one, at);
    await Promise.all(later);
    const [row] = await tenantDb(env.DB, one).select(connectedApps, { limit: 1 });
    expect([row?.lastUsedAt, row?.seenAt]).toEqual([now + 90_000, now + 90_000]);
  });
});

describe('upkeep', () => {
  it('forgets connections that nobody has used for a month and a day, and no others', async () => {
    const now = Date.now();
    const old = await app(32);
    const idle = await app(30);
    await forgetOldApps(env.DB, now);
    expect(await tenantDb(env.DB, old).select(connectedApps, { limit: 5 })).toEqual([]);
    expect(await tenantDb(env.DB, idle).select(connectedApps, { limit: 5 })).toHaveLength(1);
  });
});

describe('a bearer', () => {
  it('that is an API key is never looked for among tokens', () => {
    const bearer = (text: string) => tokenIn(new Headers({ authorization: text }));
    expect(bearer('Bearer plx_sk_abc')).toBeNull();
    expect(bearer('bearer plx_pk_abc')).toBeNull();
    expect(bearer('Basic abc')).toBeNull();
    expect(tokenIn(new Headers({ 'x-api-key': 'plx_sk_abc' }))).toBeNull();
    expect(bearer('Bearer ten_a.usr_b:grant:secret')).toBe('ten_a.usr_b:grant:secret');
  });
});
