import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Browser,
  CHROME,
  codeIn,
  mailTo,
  newAddress,
  ORIGIN,
  PASSWORD,
  signedIn,
  signedUp,
} from './test-browser.ts';
import { totp } from './test-totp.ts';

/** What GitHub would say of the person who comes back with a code, by that code. */
interface Profile {
  readonly id: number;
  readonly email: string;
  readonly verified: boolean;
}

const profiles = new Map<string, Profile>();
const original = globalThis.fetch;

/** GitHub as far as a sign-in asks it (https://docs.github.com/en/apps/oauth-apps); everything else goes its way. */
async function github(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const { host, pathname } = new URL(request.url);
  if (host === 'github.com' && pathname === '/login/oauth/access_token') {
    const code = new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer())).get('code') ?? '';
    if (!profiles.has(code)) return Response.json({ error: 'bad_verification_code' });
    return Response.json({ access_token: code, token_type: 'bearer', scope: 'read:user,user:email' });
  }
  if (host !== 'api.github.com') return original(input, init);
  const profile = profiles.get((request.headers.get('authorization') ?? '').replace('Bearer ', ''));
  if (profile === undefined) return Response.json({ message: 'Bad credentials' }, { status: 401 });
  const { id, email, verified } = profile;
  if (pathname === '/user') return Response.json({ id, login: `user-${id}`, name: 'Grace', email });
  return Response.json([{ email, verified, primary: true }]);
}

beforeAll(() => {
  globalThis.fetch = github as typeof fetch;
});
afterAll(() => {
  globalThis.fetch = original;
});

let count = 0;

function newProfile(email: string, verified = true): string {
  count += 1;
  const code = `code-${count}`;
  profiles.set(code, { id: 1_000 + count, email, verified });
  return code;
}

/** Goes to GitHub and comes back with a code; gives where the browser ends. */
async function comeBack(browser: Browser, code: string, returnTo = '/settings'): Promise<string> {
  const begun = await browser.post('/auth/social/github', { return_to: returnTo });
  expect(begun.status, JSON.stringify(begun.body)).toBe(200);
  const state = new URL(begun.body.url).searchParams.get('state') ?? '';
  const back = await browser.get(`/auth/callback/github?code=${code}&state=${state}`);
  expect(back.status).toBe(302);
  return back.headers.get('location') ?? '';
}

describe('a sign-in with GitHub', () => {
  it('makes a person of somebody whose address GitHub has proven, with a tenant, and goes back to where they came from', async () => {
    const browser = new Browser();
    const email = newAddress();
    const code = newProfile(email);
    expect(await comeBack(browser, code, '/oauth/authorize?client_id=x')).toBe(
      `${ORIGIN}/oauth/authorize?client_id=x`,
    );
    const { body } = await browser.get('/v1/session');
    expect(body).toMatchObject({
      person: { email, email_verified: true, name: 'Grace' },
      tenant: { role: 'owner' },
    });
    // The same person at the next sign-in.
    const again = new Browser();
    await comeBack(again, code);
    expect((await again.get('/v1/session')).body.person.id).toBe(body.person.id);
  });

  it('sends the browser to GitHub alone, with a state that only it knows', async () => {
    const { body } = await new Browser().post('/auth/social/github', {});
    const url = new URL(body.url);
    expect(url.origin).toBe('https://github.com');
    expect(url.searchParams.get('redirect_uri')).toBe(`${ORIGIN}/auth/callback/github`);
    expect(url.searchParams.get('state')).toMatch(/^.{32,}$/);
  });

  it('is refused where the deployment has no application', async () => {
    expect((await new Browser().post('/auth/social/google', {})).status).toBe(404);
    expect((await new Browser().get('/auth/callback/google?code=a&state=b')).status).toBe(404);
    expect((await new Browser().post('/auth/social/evil', {})).status).toBe(422);
    expect((await new Browser().get('/auth/ways')).body).toMatchObject({ social: ['github'] });
  });
});

describe('taking an account over by an address at GitHub', () => {
  it('does not work with one that GitHub has not proven', async () => {
    const { email } = await signedUp();
    const eve = new Browser();
    const location = await comeBack(eve, newProfile(email, false));
    expect(new URL(location).pathname).toBe('/sign-in');
    expect(new URL(location).searchParams.get('error')).toBeTruthy();
    expect((await eve.get('/v1/session')).status).toBe(401);
  });

  it('does not make a person that waits for the address’s owner either', async () => {
    const email = newAddress();
    const eve = new Browser();
    const code = newProfile(email, false);
    expect(new URL(await comeBack(eve, code)).searchParams.get('error')).toBe('email_not_verified');
    const ada = new Browser();
    await ada.post('/auth/sign-up', { name: 'Ada', email, password: PASSWORD });
    // A new account, and not word that there is one.
    await mailTo(email, /Confirm your e-mail/);
    await comeBack(eve, code);
    expect((await eve.get('/v1/session')).status).toBe(401);
  });

  it('does not work the other way round: an account that nobody has confirmed is not linked', async () => {
    const email = newAddress();
    const eve = new Browser();
    await eve.post('/auth/sign-up', { name: 'Eve', email, password: 'password of eve' });
    await mailTo(email, /Confirm your e-mail/);
    const ada = new Browser();
    const location = await comeBack(ada, newProfile(email));
    expect(new URL(location).searchParams.get('error')).toBe('account_not_linked');
    expect((await eve.post('/auth/sign-in', { email, password: 'password of eve' })).status).toBe(403);
  });

  it('links where both have proven it: one person, two ways in', async () => {
    const { email, browser } = await signedUp();
    await browser.post('/auth/sign-in', { email, password: PASSWORD });
    const own = (await browser.get('/v1/session')).body.person.id;
    const other = new Browser();
    await comeBack(other, newProfile(email));
    expect((await other.get('/v1/session')).body.person.id).toBe(own);
    const { body } = await browser.get('/v1/me/security-events');
    expect(body.data.map(({ kind }) => kind)).toContain('social_account_linked');
  });
});

describe('somebody who has come into a person’s account at GitHub', () => {
  it('does not get past the authenticator app: its code is asked for before there is a session', async () => {
    const { browser, email } = await signedIn();
    const setup = await browser.post('/v1/me/two-factor', { password: PASSWORD });
    await browser.post('/v1/me/two-factor/confirm', { code: await totp(setup.body.secret) });
    const thief = new Browser();
    const location = new URL(await comeBack(thief, newProfile(email), '/keys'));
    expect(location.origin + location.pathname).toBe(`${ORIGIN}/sign-in`);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      second_factor: 'totp,backup_code',
      reason: 'enrolled',
      return_to: '/keys',
    });
    expect(thief.cookies.has('__Host-parallax_session')).toBe(false);
    expect((await thief.get('/v1/session')).status).toBe(401);
    expect((await browser.get('/v1/me/sessions')).body.data).toHaveLength(1);
    const wrong = await thief.post('/auth/second-factor', { method: 'totp', code: '000000' });
    expect(wrong.status).toBe(401);
    // Whoever has a backup code is its person, and in.
    const [code] = setup.body.backup_codes;
    const right = await thief.post('/auth/second-factor', { method: 'backup_code', code });
    expect(right.body).toMatchObject({ status: 'signed_in', person: { email } });
    expect((await thief.get('/v1/session')).body).toMatchObject({ tenant: { role: 'owner' } });
  });

  it('has no more tries at the app’s codes than after a password', async () => {
    const { browser, email } = await signedIn();
    const setup = await browser.post('/v1/me/two-factor', { password: PASSWORD });
    await browser.post('/v1/me/two-factor/confirm', { code: await totp(setup.body.secret) });
    const thief = new Browser();
    await comeBack(thief, newProfile(email));
    for (let i = 0; i < 6; i++)
      await thief.post('/auth/second-factor', { method: 'totp', code: `00000${i}` });
    const [code] = setup.body.backup_codes;
    const late = await thief.post('/auth/second-factor', { method: 'backup_code', code });
    expect(late.status).not.toBe(200);
    expect((await thief.get('/v1/session')).status).toBe(401);
  });

  it.each([
    ['new_device', new Browser({ userAgent: CHROME })],
    ['new_country', new Browser({ country: 'BR' })],
  ])('is asked for a mailed code at an unusual place: %s', async (reason, thief) => {
    const home = new Browser({ country: 'DE' });
    const email = newAddress();
    const code = newProfile(email);
    expect(await comeBack(home, code)).toBe(`${ORIGIN}/settings`);
    expect(await comeBack(new Browser({ country: 'DE' }), code)).toBe(`${ORIGIN}/settings`);
    const location = new URL(await comeBack(thief, code));
    expect(Object.fromEntries(location.searchParams)).toEqual({
      second_factor: 'email_code',
      reason,
      return_to: '/settings',
    });
    expect((await thief.get('/v1/session')).status).toBe(401);
    const mailed = codeIn(await mailTo(email, /sign-in code/));
    const right = await thief.post('/auth/second-factor', { method: 'email_code', code: mailed });
    expect(right.body).toMatchObject({ status: 'signed_in', person: { email } });
  });
});

describe('somebody who meddles with the way back', () => {
  it('cannot let another browser finish a sign-in (login CSRF)', async () => {
    const eve = new Browser();
    const begun = await eve.post('/auth/social/github', {});
    const state = new URL(begun.body.url).searchParams.get('state') ?? '';
    const victim = new Browser();
    const back = await victim.get(`/auth/callback/github?code=${newProfile(newAddress())}&state=${state}`);
    expect(back.headers.get('location')).toMatch(/^https:\/\/parallax\.test\/sign-in\?error=/);
    expect((await victim.get('/v1/session')).status).toBe(401);
  });

  it('cannot use a state twice, make one up, or leave it out', async () => {
    const browser = new Browser();
    const begun = await browser.post('/auth/social/github', {});
    const state = new URL(begun.body.url).searchParams.get('state') ?? '';
    const code = newProfile(newAddress());
    const cookies = new Map(browser.cookies);
    await browser.get(`/auth/callback/github?code=${code}&state=${state}`);
    const replay = new Browser();
    for (const [name, value] of cookies) replay.cookies.set(name, value);
    for (const query of [`code=${code}&state=${state}`, `code=${code}&state=made-up`, `code=${code}`, '']) {
      const back = await replay.get(`/auth/callback/github?${query}`);
      expect(back.headers.get('location'), query).toMatch(/^https:\/\/parallax\.test\/sign-in\?error=/);
    }
    expect((await replay.get('/v1/session')).status).toBe(401);
  });

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
    'cannot send the browser on to another site: %s',
    async (returnTo) => {
      const answer = await new Browser().post('/auth/social/github', { return_to: returnTo });
      expect(answer.status).toBe(422);
    },
  );

  it('is told nothing of why GitHub refused beyond a code', async () => {
    const browser = new Browser();
    const begun = await browser.post('/auth/social/github', {});
    const state = new URL(begun.body.url).searchParams.get('state') ?? '';
    const back = await browser.get(
      `/auth/callback/github?error=access_denied&state=${state}&error_description=%3Cscript%3E`,
    );
    const location = new URL(back.headers.get('location') ?? '');
    expect(location.origin + location.pathname).toBe(`${ORIGIN}/sign-in`);
    expect([...location.searchParams]).toEqual([['error', 'access_denied']]);
  });
});
