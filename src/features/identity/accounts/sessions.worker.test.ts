import { env } from 'cloudflare:test';
import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { configOf } from '../../../env.ts';
import { platformDb } from '../../../platform/db.ts';
import { members } from '../schema.ts';
import { sessions } from './schema.ts';
import { sessionPerson, sessionPrincipal } from './sessions.ts';
import { ORIGIN, signedIn } from './test-browser.ts';

/** A clock that a test moves, ahead of the machine's so that nothing that was read before counts. */
function virtualClock() {
  let time = Date.now() + 60_000;
  return {
    now: () => time,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

const request = (cookie: string, method = 'GET', headers: Record<string, string> = {}) =>
  new Request(`${ORIGIN}/v1/me`, { method, headers: { cookie, ...headers } });

describe('an isolate that has read a session', () => {
  it('believes it for four seconds: a sign-out elsewhere holds here within five', async () => {
    const { browser } = await signedIn();
    const clock = virtualClock();
    const ask = () => sessionPerson(request(browser.cookieHeader()), env, configOf(env), clock);
    const person = await ask();
    expect(person).not.toBeNull();
    // As another isolate signs it out.
    await platformDb(env.DB)
      .delete(sessions)
      .where(eq(sessions.id, person?.session.id ?? ''));
    clock.pass(3_999);
    expect(await ask()).not.toBeNull();
    clock.pass(1);
    expect(await ask()).toBeNull();
  });

  it('does not believe it beyond the session’s own end', async () => {
    const { browser } = await signedIn();
    const clock = virtualClock();
    const ask = () => sessionPerson(request(browser.cookieHeader()), env, configOf(env), clock);
    const person = await ask();
    const end = person?.session.expiresAt ?? 0;
    clock.pass(end - clock.now() - 1_000);
    expect(await ask()).not.toBeNull();
    clock.pass(1_000);
    expect(await ask()).toBeNull();
  });

  it('lets nobody act for a tenant that they have left, and for no other in its place', async () => {
    const { browser } = await signedIn();
    const clock = virtualClock();
    const ask = () => sessionPrincipal(request(browser.cookieHeader()), env, configOf(env), clock);
    const principal = await ask();
    expect(principal).toMatchObject({ via: 'session', role: 'owner' });
    await platformDb(env.DB)
      .delete(members)
      .where(eq(members.userId, principal?.userId ?? ''));
    clock.pass(4_000);
    await expect(ask()).rejects.toMatchObject({ code: 'forbidden', details: { reason: 'no_tenant' } });
  });

  it('is not fooled by another site, whatever it remembers', async () => {
    const { browser } = await signedIn();
    const clock = virtualClock();
    const from = (headers: Record<string, string>) =>
      sessionPerson(request(browser.cookieHeader(), 'POST', headers), env, configOf(env), clock);
    expect(await from({ origin: ORIGIN })).not.toBeNull();
    await expect(from({ origin: 'https://evil.example' })).rejects.toMatchObject({ code: 'origin_refused' });
  });
});
