import { env } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { platformDb } from '../../../platform/db.ts';
import { attempts, challenges, securityEvents, sessions, verifications } from './schema.ts';
import { Browser, CHROME, newAddress, PASSWORD, signedIn } from './test-browser.ts';
import { forgetOldAccountRows } from './upkeep.ts';

const DAY = 24 * 60 * 60_000;

async function counts() {
  const db = platformDb(env.DB);
  const tables = { sessions, verifications, challenges, attempts, securityEvents };
  const entries = Object.entries(tables).map(
    async ([name, table]) => [name, (await db.select().from(table)).length] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

describe('old rows of people’s accounts', () => {
  it('go when they have run out, and not before', async () => {
    const { browser, email } = await signedIn();
    await new Browser({ userAgent: CHROME }).post('/auth/sign-in', { email, password: PASSWORD });
    await browser.post('/auth/sign-in', { email: newAddress(), password: 'any password' });
    const before = await counts();
    for (const count of Object.values(before)) expect(count).toBeGreaterThanOrEqual(0);
    await forgetOldAccountRows(env.DB, Date.now());
    expect(await counts()).toEqual(before);
    expect((await browser.get('/v1/session')).status).toBe(200);
    await forgetOldAccountRows(env.DB, Date.now() + 31 * DAY);
    const month = await counts();
    expect(month).toMatchObject({ sessions: 0, challenges: 0, attempts: 0 });
    expect(month.securityEvents).toBe(before.securityEvents);
    await forgetOldAccountRows(env.DB, Date.now() + 401 * DAY);
    expect((await counts()).securityEvents).toBe(0);
  });
});
