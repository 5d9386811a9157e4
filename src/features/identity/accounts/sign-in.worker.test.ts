import { describe, expect, it } from 'vitest';
import {
  Browser,
  mailTo,
  newAddress,
  ORIGIN,
  PASSWORD,
  signedIn,
  signedUp,
  tokenIn,
} from './test-browser.ts';

const COOKIE = '__Host-parallax_session';

describe('signing up and in', () => {
  it('leads from an address over a mail to a session in a tenant of one’s own', async () => {
    const { browser, email } = await signedIn();
    const { status, body } = await browser.get('/v1/session');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      object: 'session',
      person: { email, email_verified: true, two_factor: false, operator: false, name: 'Ada' },
      tenant: { name: 'Ada', role: 'owner' },
    });
    expect(body.person.id).toMatch(/^usr_[0-9A-Z]{26}$/);
    const me = await browser.get('/v1/me');
    expect(me.body).toMatchObject({ user: { email }, tenant: { id: body.tenant.id } });
  });

  it('keeps the tenant over later sign-ins: there is one, not one a session', async () => {
    const { browser, email } = await signedIn();
    const first = await browser.get('/v1/session');
    const again = new Browser();
    await again.post('/auth/sign-in', { email, password: PASSWORD });
    const second = await again.get('/v1/session');
    expect(second.body.tenant).toEqual(first.body.tenant);
    expect(second.body.tenants).toHaveLength(1);
  });

  it('takes addresses in any case', async () => {
    const { browser, email } = await signedUp();
    const answer = await browser.post('/auth/sign-in', { email: email.toUpperCase(), password: PASSWORD });
    expect(answer.body.status).toBe('signed_in');
  });

  it('signs out: the same cookie opens nothing any more', async () => {
    const { browser } = await signedIn();
    const stolen = browser.cookieHeader();
    expect((await browser.get('/v1/session')).status).toBe(200);
    expect((await browser.post('/auth/sign-out')).status).toBe(204);
    expect(browser.cookies.has(COOKIE)).toBe(false);
    const replayed = await new Browser().ask('GET', '/v1/session', { headers: { cookie: stolen } });
    expect(replayed.status).toBe(401);
    expect((await browser.post('/auth/sign-out')).status).toBe(204);
  });
});

describe('a thief of cookies', () => {
  it('gets one that no script can read, that goes over TLS alone, to this host alone', async () => {
    const { browser, email } = await signedUp();
    const answer = await browser.post('/auth/sign-in', { email, password: PASSWORD });
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith(`${COOKIE}=`)) ?? '';
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/', 'Max-Age=2592000'])
      expect(cookie).toContain(attribute);
    expect(cookie).not.toMatch(/domain/i);
    const token = decodeURIComponent(cookie.slice(COOKIE.length + 1)).split('.')[0] ?? '?';
    expect(JSON.stringify(answer.body)).not.toContain(token);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('cannot make one: a token without our tag, or with one changed character, is nobody’s', async () => {
    const { browser } = await signedIn();
    const genuine = decodeURIComponent(browser.cookies.get(COOKIE) ?? '');
    const [token = '', tag = ''] = genuine.split('.');
    const flipped = tag.startsWith('A') ? `B${tag.slice(1)}` : `A${tag.slice(1)}`;
    for (const forged of [token, `${token}.`, `${token}.${flipped}`, `x${genuine}`, 'a.b', '%', '']) {
      const answer = await new Browser().ask('GET', '/v1/session', {
        headers: { cookie: `${COOKIE}=${forged === '%' ? '%' : encodeURIComponent(forged)}` },
      });
      expect(answer.status, forged).toBe(401);
    }
  });

  it('is not remembered beyond the browser when the person does not want to be', async () => {
    const { browser, email } = await signedUp();
    const answer = await browser.post('/auth/sign-in', { email, password: PASSWORD, remember: false });
    const cookie = answer.headers.getSetCookie().find((one) => one.startsWith(`${COOKIE}=`)) ?? '';
    expect(cookie).not.toMatch(/max-age|expires/i);
  });
});

describe('another site that uses the browser’s cookies (CSRF)', () => {
  it('can change nothing', async () => {
    const { browser } = await signedIn();
    const { body: session } = await browser.get('/v1/session');
    const body = { tenant_id: session.tenant.id };
    for (const from of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'https://parallax.test.evil.example' },
      { origin: 'http://parallax.test' },
      { origin: null, headers: { 'sec-fetch-site': 'cross-site' } },
      { origin: null, headers: { 'sec-fetch-site': 'same-site' } },
    ]) {
      const answer = await browser.ask('POST', '/v1/session/tenant', { body, ...from });
      expect(`${answer.status} ${answer.body.code}`, JSON.stringify(from)).toBe('403 origin_refused');
    }
    expect((await browser.ask('POST', '/v1/session/tenant', { body })).status).toBe(200);
  });

  it('cannot sign the browser in, out, or up', async () => {
    const { browser, email } = await signedIn();
    for (const [path, body] of [
      ['/auth/sign-in', { email, password: PASSWORD }],
      ['/auth/sign-out', {}],
      ['/auth/sign-up', { name: 'Eve', email: newAddress(), password: PASSWORD }],
      ['/auth/request-reset', { email }],
    ] as const) {
      const answer = await browser.ask('POST', path, { body, origin: 'https://evil.example' });
      expect(`${answer.status} ${answer.body.code}`, path).toBe('403 origin_refused');
    }
    expect((await browser.get('/v1/session')).status).toBe(200);
  });

  it('cannot act through a route of the API', async () => {
    const { browser } = await signedIn();
    const answer = await browser.ask('POST', '/v1/api-keys', {
      body: { name: 'Stolen' },
      origin: 'https://evil.example',
    });
    expect(`${answer.status} ${answer.body.code}`).toBe('403 origin_refused');
  });
});

describe('somebody who wants to know who has an account', () => {
  it('learns nothing from a sign-in: an unknown address and a wrong password read the same', async () => {
    const { browser, email } = await signedUp();
    const wrong = await browser.post('/auth/sign-in', { email, password: 'not the password' });
    const unknown = await browser.post('/auth/sign-in', {
      email: newAddress(),
      password: 'not the password',
    });
    expect(wrong.status).toBe(401);
    expect({ ...unknown.body, request_id: '' }).toEqual({ ...wrong.body, request_id: '' });
    expect([...unknown.headers.keys()].sort()).toEqual([...wrong.headers.keys()].sort());
  });

  it('learns nothing from a sign-up, a reset or another confirmation', async () => {
    const { browser, email } = await signedUp();
    for (const path of ['/auth/sign-up', '/auth/request-reset', '/auth/resend-verification']) {
      const more = path === '/auth/sign-up' ? { name: 'Eve', password: 'another password' } : {};
      const known = await browser.post(path, { email, ...more });
      const unknown = await browser.post(path, { email: newAddress(), ...more });
      expect(known.status, path).toBe(202);
      expect(unknown.body, path).toEqual(known.body);
    }
    await mailTo(email, /You have an account already/);
    expect((await browser.post('/auth/sign-in', { email, password: PASSWORD })).body.status).toBe(
      'signed_in',
    );
  });
});

describe('somebody who signs up with another’s address', () => {
  it('gets no session before the mailbox has confirmed it, whatever the password', async () => {
    const browser = new Browser();
    const email = newAddress();
    await browser.post('/auth/sign-up', { name: 'Eve', email, password: PASSWORD });
    await mailTo(email, /Confirm your e-mail/);
    const answer = await browser.post('/auth/sign-in', { email, password: PASSWORD });
    expect(answer.status).toBe(403);
    expect(answer.body.reason).toBe('email_not_verified');
    expect(browser.cookies.has(COOKIE)).toBe(false);
  });

  it('does not keep a way in when the address’s owner signs up later', async () => {
    const email = newAddress();
    const [eve, ada] = [new Browser(), new Browser()];
    await eve.post('/auth/sign-up', { name: 'Eve', email, password: 'password of eve' });
    await mailTo(email, /Confirm your e-mail/);
    await ada.post('/auth/sign-up', { name: 'Ada', email, password: 'password of ada' });
    const token = tokenIn(await mailTo(email, /Confirm your e-mail/, 2));
    await ada.post('/auth/verify-email', { token });
    expect((await eve.post('/auth/sign-in', { email, password: 'password of eve' })).status).toBe(401);
    const answer = await ada.post('/auth/sign-in', { email, password: 'password of ada' });
    expect(answer.body).toMatchObject({ status: 'signed_in', person: { name: 'Ada' } });
  });

  it('cannot confirm it with a link that is forged or made for another account', async () => {
    const { browser, email } = await signedUp();
    const other = newAddress();
    await browser.post('/auth/sign-up', { name: 'Eve', email: other, password: PASSWORD });
    const token = tokenIn(await mailTo(other, /Confirm your e-mail/));
    const [body = '', tag = ''] = token.split('.');
    const changed = atob(body.replaceAll('-', '+').replaceAll('_', '/')).replace(other, email);
    const forged = btoa(changed).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    for (const bad of [`${forged}.${tag}`, `${body}.${tag}x`, `${body}.${tag}.${tag}`, 'x'.repeat(40)]) {
      const answer = await browser.post('/auth/verify-email', { token: bad });
      expect(answer.status).toBe(422);
    }
  });
});

describe('a flood from one address', () => {
  it('is stopped before it costs passwords', async () => {
    const browser = new Browser();
    const headers = { 'cf-connecting-ip': '203.0.113.7' };
    const statuses: number[] = [];
    for (let i = 0; i < 65; i++) {
      const body = { email: 'nobody@example.com' };
      statuses.push((await browser.ask('POST', '/auth/request-reset', { body, headers })).status);
    }
    expect(statuses.slice(0, 50).every((status) => status === 202)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('what of better-auth is not ours to offer', () => {
  it('does not exist', async () => {
    const browser = new Browser();
    for (const path of [
      '/auth/get-session',
      '/auth/sign-in/email',
      '/auth/sign-up/email',
      '/auth/ok',
      '/auth/error',
      '/auth/reset-password/x',
      '/auth/two-factor/send-otp',
      '/auth/update-user',
      '/auth/list-sessions',
    ]) {
      for (const method of ['GET', 'POST']) {
        const answer = await browser.ask(method, path, method === 'POST' ? { body: {} } : {});
        expect([404, 405], `${method} ${path}`).toContain(answer.status);
      }
    }
    expect(ORIGIN).toBe('https://parallax.test');
  });
});
