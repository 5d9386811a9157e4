import { exports } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import {
  Browser,
  mailsTo,
  mailTo,
  newAddress,
  ORIGIN,
  operatorHeaders,
  PASSWORD,
  signedIn,
  tokenIn,
} from './test-browser.ts';
import { totp } from './test-totp.ts';

/** A second browser of the same person. */
async function alsoSignedIn(email: string): Promise<Browser> {
  const browser = new Browser();
  const answer = await browser.post('/auth/sign-in', { email, password: PASSWORD });
  expect(answer.body.status).toBe('signed_in');
  return browser;
}

describe('one’s sessions', () => {
  it('are listed with device and country, and end one by one', async () => {
    const { browser, email } = await signedIn(new Browser({ country: 'DE' }));
    const other = new Browser({ country: 'DE' });
    await other.post('/auth/sign-in', { email, password: PASSWORD });
    const { body } = await browser.get('/v1/me/sessions');
    expect(body.data).toHaveLength(2);
    expect(body.data.filter(({ current }) => current)).toHaveLength(1);
    expect(body.data[0]).toMatchObject({ device: 'Firefox on Linux', country: 'DE' });
    const id = body.data.find(({ current }) => !current)?.id;
    expect((await browser.ask('DELETE', `/v1/me/sessions/${id}`)).status).toBe(204);
    expect((await other.get('/v1/session')).status).toBe(401);
    expect((await browser.get('/v1/session')).status).toBe(200);
    expect((await browser.ask('DELETE', `/v1/me/sessions/${id}`)).status).toBe(404);
  });

  it('cannot be ended or seen by a stranger', async () => {
    const [ada, eve] = [await signedIn(), await signedIn()];
    const { body } = await ada.browser.get('/v1/me/sessions');
    const id = body.data[0]?.id;
    expect((await eve.browser.ask('DELETE', `/v1/me/sessions/${id}`)).status).toBe(404);
    expect((await eve.browser.get('/v1/me/sessions')).body.data.map((one) => one.id)).not.toContain(id);
    expect((await ada.browser.get('/v1/session')).status).toBe(200);
  });

  it('are replaced when the same browser signs in again, also as somebody else', async () => {
    const [ada, eve] = [await signedIn(), await signedIn()];
    const before = ada.browser.cookieHeader();
    await ada.browser.post('/auth/sign-in', { email: eve.email, password: PASSWORD });
    expect((await ada.browser.get('/v1/session')).body.person.email).toBe(eve.email);
    const replayed = await new Browser().ask('GET', '/v1/session', { headers: { cookie: before } });
    expect(replayed.status).toBe(401);
  });

  it('end everywhere at once, with or without the one that asks', async () => {
    const { browser, email } = await signedIn();
    const others = [await alsoSignedIn(email), await alsoSignedIn(email)];
    expect((await browser.ask('DELETE', '/v1/me/sessions')).status).toBe(204);
    for (const other of others) expect((await other.get('/v1/session')).status).toBe(401);
    expect((await browser.get('/v1/session')).status).toBe(200);
    expect((await browser.ask('DELETE', '/v1/me/sessions?keep_current=false')).status).toBe(204);
    expect((await browser.get('/v1/session')).status).toBe(401);
  });
});

describe('a new password', () => {
  it('needs the old one, ends all other sessions, and is told of', async () => {
    const { browser, email } = await signedIn();
    const other = await alsoSignedIn(email);
    const next = { new_password: 'a quite new password' };
    expect((await browser.post('/v1/me/password', next)).status).toBe(422);
    const wrong = await browser.post('/v1/me/password', { ...next, current_password: 'not the one' });
    expect(`${wrong.status} ${wrong.body.reason}`).toBe('403 wrong_password');
    const changed = await browser.post('/v1/me/password', { ...next, current_password: PASSWORD });
    expect(changed.status).toBe(204);
    expect((await other.get('/v1/session')).status).toBe(401);
    expect((await browser.get('/v1/session')).status).toBe(200);
    expect((await other.post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(401);
    expect((await other.post('/auth/sign-in', { email, password: next.new_password })).status).toBe(200);
    await mailTo(email, /has a new password/);
  });
});

describe('a new address', () => {
  it('holds once its mail was read; the other sessions end and the old address is told', async () => {
    const { browser, email } = await signedIn();
    const other = await alsoSignedIn(email);
    const next = newAddress();
    expect((await browser.post('/v1/me/email', { email: next })).status).toBe(422);
    expect((await browser.post('/v1/me/email', { email: next, password: PASSWORD })).status).toBe(202);
    const mail = await mailTo(next, /Confirm your new/);
    expect((await browser.get('/v1/session')).body.person.email).toBe(email);
    const token = tokenIn(mail);
    expect((await browser.post('/auth/verify-email', { token })).body).toEqual({
      object: 'verified_email',
      email: next,
    });
    expect((await browser.get('/v1/session')).body.person.email).toBe(next);
    expect((await other.get('/v1/session')).status).toBe(401);
    expect((await other.post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(401);
    expect((await other.post('/auth/sign-in', { email: next, password: PASSWORD })).status).toBe(200);
    await mailTo(email, /new e-mail address/);
    expect((await browser.post('/auth/verify-email', { token })).status).toBe(200);
  });

  it('cannot be one that somebody has, and the asker does not learn that somebody does', async () => {
    const [ada, eve] = [await signedIn(), await signedIn()];
    const taken = await eve.browser.post('/v1/me/email', { email: ada.email, password: PASSWORD });
    const free = await eve.browser.post('/v1/me/email', { email: newAddress(), password: PASSWORD });
    expect(taken.status).toBe(202);
    expect(taken.body).toEqual(free.body);
    expect((await mailsTo(ada.email)).filter(({ subject }) => /new e-mail/.test(subject))).toHaveLength(0);
  });

  it('that two people ask for goes to the first who reads its mail', async () => {
    const [ada, eve] = [await signedIn(), await signedIn()];
    const next = newAddress();
    const tokens: string[] = [];
    for (const [index, { browser }] of [ada, eve].entries()) {
      await browser.post('/v1/me/email', { email: next, password: PASSWORD });
      tokens.push(tokenIn(await mailTo(next, /Confirm your new/, index + 1)));
    }
    expect((await ada.browser.post('/auth/verify-email', { token: tokens[0] })).status).toBe(200);
    expect((await eve.browser.post('/auth/verify-email', { token: tokens[1] })).status).toBe(409);
    expect((await eve.browser.get('/v1/session')).body.person.email).toBe(eve.email);
  });
});

describe('one’s tenants', () => {
  it('are chosen for a session among those that one belongs to', async () => {
    const [ada, eve] = [await signedIn(), await signedIn()];
    const { body } = await ada.browser.get('/v1/session');
    const strangers = await eve.browser.post('/v1/session/tenant', { tenant_id: body.tenant.id });
    expect(strangers.status).toBe(404);
    const nobodys = await eve.browser.post('/v1/session/tenant', { tenant_id: 'ten_none' });
    expect({ ...nobodys.body, request_id: '' }).toEqual({ ...strangers.body, request_id: '' });
    const own = await ada.browser.post('/v1/session/tenant', { tenant_id: body.tenant.id });
    expect(own.body.tenant).toEqual(body.tenant);
  });
});

describe('what one is called', () => {
  it('changes, and takes no control characters', async () => {
    const { browser } = await signedIn();
    expect((await browser.ask('PATCH', '/v1/me', { body: { name: 'Ada Lovelace' } })).body).toMatchObject({
      name: 'Ada Lovelace',
    });
    expect((await browser.get('/v1/session')).body).toMatchObject({ person: { name: 'Ada Lovelace' } });
    expect((await browser.ask('PATCH', '/v1/me', { body: { name: 'Ada\u202Eevil' } })).status).toBe(422);
  });
});

describe('security events', () => {
  it('are each person’s own, newest first, a page at a time', async () => {
    const { browser, email } = await signedIn();
    await alsoSignedIn(email);
    const first = await browser.get('/v1/me/security-events?limit=2');
    expect(first.body.data.map(({ kind }) => kind)).toEqual(['signed_in', 'signed_in']);
    const rest = await browser.get(`/v1/me/security-events?cursor=${first.body.next_cursor}`);
    expect(rest.body.data.map(({ kind }) => kind)).toEqual(['email_verified', 'signed_up']);
    expect(rest.body.next_cursor).toBeNull();
    const stranger = await signedIn();
    const ids = (await stranger.browser.get('/v1/me/security-events')).body.data.map(({ id }) => id);
    expect(ids).not.toContain(first.body.data[0]?.id);
  });
});

describe('the body of a person’s request', () => {
  it('has a bound', async () => {
    const { browser } = await signedIn();
    for (const path of ['/v1/me/password', '/v1/me/email', '/v1/me/two-factor', '/v1/me/passkeys']) {
      const answer = await browser.post(path, { password: 'x'.repeat(100_000) });
      expect(answer.status, path).toBe(413);
    }
  });
});

describe('a key that is used from a new country', () => {
  it('is told of once, and not at the first place it is used from', async () => {
    const { browser, email } = await signedIn();
    const made = await browser.post('/v1/api-keys', { name: 'Server' });
    const { key } = made.body as unknown as { key: string };
    const bearer = { authorization: `Bearer ${key}` };
    for (const country of ['DE', 'DE', 'BR', 'BR'])
      expect((await new Browser({ country }).ask('GET', '/v1/me', { headers: bearer })).status).toBe(200);
    const mail = await mailTo(email, /API key of yours/);
    expect(mail.text).toContain('in BR');
    expect((await mailsTo(email)).filter(({ subject }) => /API key of yours/.test(subject))).toHaveLength(1);
    const { body } = await browser.get('/v1/me/security-events');
    expect(body.data.filter(({ kind }) => kind === 'new_place_key')).toMatchObject([
      { country: 'BR', risk: 40 },
    ]);
  });
});

describe('an operator at a browser', () => {
  const asOperator = (body: object) =>
    new Browser().ask('PUT', '/v1/operator/people', { body, headers: operatorHeaders });

  it('reaches the operator’s routes only with an authenticator app besides', async () => {
    const { browser, email } = await signedIn();
    expect((await browser.get('/v1/operator/dead-letters')).status).toBe(401);
    expect((await asOperator({ email, operator: true })).body).toMatchObject({ operator: true });
    expect((await browser.get('/v1/operator/dead-letters')).status).toBe(401);
    const setup = await browser.post('/v1/me/two-factor', { password: PASSWORD });
    await browser.post('/v1/me/two-factor/confirm', { code: await totp(setup.body.secret) });
    expect((await browser.get('/v1/operator/dead-letters')).status).toBe(200);
    // From our own pages alone, and without making others.
    const tenant = { name: 'T', email: newAddress() };
    const evil = { body: tenant, origin: 'https://evil.example' };
    expect((await browser.ask('POST', '/v1/operator/tenants', evil)).status).toBe(403);
    const other = { email, operator: true };
    expect((await browser.ask('PUT', '/v1/operator/people', { body: other })).status).toBe(403);
    expect((await asOperator({ email, operator: false })).status).toBe(200);
    expect((await browser.get('/v1/operator/dead-letters')).status).toBe(401);
  });

  it('is made by nobody but the holder of the token', async () => {
    const { browser, email } = await signedIn();
    const answer = await browser.ask('PUT', '/v1/operator/people', { body: { email, operator: true } });
    expect(answer.status).toBe(401);
    expect((await asOperator({ email: newAddress(), operator: true })).status).toBe(404);
  });
});

describe('deleting one’s account', () => {
  it('needs the password; afterwards neither it, nor the session, nor a key of it opens anything', async () => {
    const { browser, email } = await signedIn();
    const made = await browser.post('/v1/api-keys', { name: 'Server' });
    const { key } = made.body as unknown as { key: string };
    expect((await browser.post('/v1/me/delete')).status).toBe(422);
    expect((await browser.post('/v1/me/delete', { password: 'not the password' })).status).toBe(403);
    const cookies = browser.cookieHeader();
    expect((await browser.post('/v1/me/delete', { password: PASSWORD })).status).toBe(204);
    const after = new Browser();
    expect((await after.ask('GET', '/v1/session', { headers: { cookie: cookies } })).status).toBe(401);
    expect((await after.post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(401);
    const bearer = { authorization: `Bearer ${key}` };
    expect((await after.ask('GET', '/v1/me', { headers: bearer })).status).toBe(401);
    await mailTo(email, /account was deleted/);
  });

  it('frees the address for a new account that knows nothing of the old one', async () => {
    const { browser, email } = await signedIn();
    const old = (await browser.get('/v1/session')).body;
    await browser.post('/v1/me/delete', { password: PASSWORD });
    await browser.post('/auth/sign-up', { name: 'Ada again', email, password: PASSWORD });
    const token = tokenIn(await mailTo(email, /Confirm your e-mail/, 2));
    await browser.post('/auth/verify-email', { token });
    await browser.post('/auth/sign-in', { email, password: PASSWORD });
    const { body } = await browser.get('/v1/session');
    expect(body.person.id).not.toBe(old.person.id);
    expect(body.tenant.id).not.toBe(old.tenant.id);
    const kinds = (await browser.get('/v1/me/security-events')).body.data.map(({ kind }) => kind);
    expect(kinds).not.toContain('account_deleted');
  });
});

describe('the audit chain of a tenant', () => {
  it('has what its members do about their accounts while they act for it', async () => {
    const { browser } = await signedIn();
    const setup = await browser.post('/v1/me/two-factor', { password: PASSWORD });
    await browser.post('/v1/me/two-factor/confirm', { code: await totp(setup.body.secret) });
    await browser.post('/v1/me/password', {
      current_password: PASSWORD,
      new_password: 'a quite new password',
    });
    const { body } = await browser.get('/v1/audit');
    const actions = body.data.map(({ action }) => action);
    for (const action of ['person.signed_in', 'person.two_factor_enabled', 'person.password_changed'])
      expect(actions).toContain(action);
    expect(JSON.stringify(body)).not.toContain('quite new');
    const stranger = await signedIn();
    const others = (await stranger.browser.get('/v1/audit')).body.data.map(({ action }) => action);
    expect(others).toEqual(['person.signed_in']);
  });
});

describe('a new address', () => {
  it('stands in the audit chain of the tenant that its person acted for, as digests of both', async () => {
    const { browser, email } = await signedIn();
    const next = newAddress();
    expect((await browser.post('/v1/me/email', { email: next, password: PASSWORD })).status).toBe(202);
    const token = tokenIn(await mailTo(next, /./));
    expect((await browser.post('/auth/verify-email', { token })).status).toBe(200);
    const answer = await browser.get('/v1/audit?action=person.email_changed');
    expect(answer.body.data).toMatchObject([{ action: 'person.email_changed', changed: ['email'] }]);
    expect(JSON.stringify(answer.body)).not.toContain(email);
  });
});

describe('data that is taken out as a file', () => {
  it('is a security event of whoever took it', async () => {
    const { browser } = await signedIn();
    const file = await exports.default.fetch(`${ORIGIN}/v1/audit/export?format=csv`, {
      headers: { cookie: browser.cookieHeader() },
    });
    expect(file.headers.get('content-disposition')).toContain('attachment');
    expect(await file.text()).toContain('person.signed_in');
    await vi.waitFor(async () => {
      const { body } = await browser.get('/v1/me/security-events');
      expect(body.data.map(({ kind }) => kind)).toContain('data_exported');
    });
  });
});
