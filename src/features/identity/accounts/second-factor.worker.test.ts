import { describe, expect, it } from 'vitest';
import { Authenticator } from './test-authenticator.ts';
import {
  Browser,
  CHROME,
  codeIn,
  mailsTo,
  mailTo,
  ORIGIN,
  PASSWORD,
  type SignedUp,
  signedIn,
} from './test-browser.ts';
import { totp } from './test-totp.ts';

const COOKIE = '__Host-parallax_session';

interface Enrolled extends SignedUp {
  readonly secret: string;
  readonly backupCodes: readonly string[];
}

/** Somebody with an authenticator app. */
async function enrolled(): Promise<Enrolled> {
  const person = await signedIn();
  const setup = await person.browser.post('/v1/me/two-factor', { password: PASSWORD });
  expect(setup.status).toBe(200);
  expect(setup.body.uri).toContain('otpauth://totp/');
  const { secret, backup_codes: backupCodes } = setup.body;
  const confirmed = await person.browser.post('/v1/me/two-factor/confirm', { code: await totp(secret) });
  expect(confirmed.status).toBe(204);
  return { ...person, secret, backupCodes };
}

describe('an authenticator app', () => {
  it('is asked for at the next sign-in, and lets its person in', async () => {
    const { browser, email, secret } = await enrolled();
    expect((await browser.get('/v1/session')).body).toMatchObject({ person: { two_factor: true } });
    await browser.post('/auth/sign-out');
    const first = await browser.post('/auth/sign-in', { email, password: PASSWORD });
    expect(first.body).toEqual({
      status: 'second_factor',
      methods: ['totp', 'backup_code'],
      reason: 'enrolled',
    });
    expect(browser.cookies.has(COOKIE)).toBe(false);
    expect((await browser.get('/v1/session')).status).toBe(401);
    const second = await browser.post('/auth/second-factor', { method: 'totp', code: await totp(secret) });
    expect(second.body).toMatchObject({ status: 'signed_in', person: { email } });
    expect((await browser.get('/v1/session')).body).toMatchObject({ tenant: { role: 'owner' } });
  });

  it('keeps the session in its tenant when it is set up', async () => {
    const { browser } = await signedIn();
    const before = await browser.get('/v1/session');
    const setup = await browser.post('/v1/me/two-factor', { password: PASSWORD });
    await browser.post('/v1/me/two-factor/confirm', { code: await totp(setup.body.secret) });
    const after = await browser.get('/v1/session');
    expect(after.body.tenant).toEqual(before.body.tenant);
    expect(after.body.id).not.toBe(before.body.id);
  });

  it('is not replaced by a session of somebody else that the browser has', async () => {
    const ada = await enrolled();
    const eve = await signedIn();
    const started = await eve.browser.post('/auth/sign-in', { email: ada.email, password: PASSWORD });
    expect(started.body.status).toBe('second_factor');
    const answer = await eve.browser.post('/auth/second-factor', { method: 'totp', code: '000000' });
    expect(answer.status).toBe(401);
    expect((await eve.browser.get('/v1/session')).body.person.email).not.toBe(ada.email);
  });

  it('lets nobody guess: after five wrong codes the right one is refused too', async () => {
    const { browser, email, secret } = await enrolled();
    await browser.post('/auth/sign-out');
    await browser.post('/auth/sign-in', { email, password: PASSWORD });
    const right = await totp(secret);
    const wrong = ['123456', '234567', '345678', '456789', '567890', '678901'].filter(
      (code) => code !== right,
    );
    for (const code of wrong.slice(0, 5))
      expect((await browser.post('/auth/second-factor', { method: 'totp', code })).status).toBe(401);
    expect((await browser.post('/auth/second-factor', { method: 'totp', code: right })).status).not.toBe(200);
    expect((await browser.get('/v1/session')).status).toBe(401);
  });

  it('makes codes that work once: one that was looked at over a shoulder opens nothing', async () => {
    const { email, secret } = await enrolled();
    const code = await totp(secret);
    const [ada, eve] = [new Browser(), new Browser()];
    for (const browser of [ada, eve]) await browser.post('/auth/sign-in', { email, password: PASSWORD });
    const answers = await Promise.all(
      [ada, eve].map((browser) => browser.post('/auth/second-factor', { method: 'totp', code })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  it('has backup codes that work once each', async () => {
    const { browser, email, backupCodes } = await enrolled();
    expect(new Set(backupCodes).size).toBe(10);
    const code = backupCodes[0] ?? '';
    for (const expected of [200, 401]) {
      const other = new Browser();
      await other.post('/auth/sign-in', { email, password: PASSWORD });
      const answer = await other.post('/auth/second-factor', { method: 'backup_code', code });
      expect(answer.status).toBe(expected);
    }
    const events = await browser.get('/v1/me/security-events');
    expect(events.body.data.map(({ kind }) => kind)).toContain('backup_code_used');
  });

  it('is set up and taken away with the password alone, not with a session that was left open', async () => {
    const { browser } = await enrolled();
    for (const path of ['/v1/me/two-factor/disable', '/v1/me/two-factor/backup-codes']) {
      expect((await browser.post(path)).status).toBe(422);
      expect((await browser.post(path, { password: 'not the password' })).status).toBe(403);
    }
    expect((await browser.post('/v1/me/two-factor/disable', { password: PASSWORD })).status).toBe(204);
    expect((await browser.get('/v1/session')).body).toMatchObject({ person: { two_factor: false } });
  });
});

describe('a thief who has the password', () => {
  it('signs in from a new device only with the code that was mailed', async () => {
    const { email } = await signedIn();
    const thief = new Browser({ userAgent: CHROME });
    const answer = await thief.post('/auth/sign-in', { email, password: PASSWORD });
    expect(answer.body).toEqual({
      status: 'second_factor',
      methods: ['email_code'],
      reason: 'new_device',
    });
    expect(thief.cookies.has(COOKIE)).toBe(false);
    const mail = await mailTo(email, /sign-in code/);
    expect(mail.text).toContain('Chrome on Windows');
    const right = await thief.post('/auth/second-factor', { method: 'email_code', code: codeIn(mail) });
    expect(right.body).toMatchObject({ status: 'signed_in' });
    // The device is familiar from now on.
    const again = await new Browser({ userAgent: CHROME }).post('/auth/sign-in', {
      email,
      password: PASSWORD,
    });
    expect(again.body.status).toBe('signed_in');
  });

  it('cannot use the code in a browser that did not give the password, nor twice', async () => {
    const { email } = await signedIn();
    const browser = new Browser({ userAgent: CHROME });
    await browser.post('/auth/sign-in', { email, password: PASSWORD });
    const code = codeIn(await mailTo(email, /sign-in code/));
    const other = new Browser({ userAgent: CHROME });
    expect((await other.post('/auth/second-factor', { method: 'email_code', code })).status).toBe(401);
    const copy = new Browser({ userAgent: CHROME });
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    expect((await browser.post('/auth/second-factor', { method: 'email_code', code })).status).toBe(200);
    expect((await copy.post('/auth/second-factor', { method: 'email_code', code })).status).toBe(401);
  });

  it('has five tries at it', async () => {
    const { email } = await signedIn();
    const thief = new Browser({ userAgent: CHROME });
    await thief.post('/auth/sign-in', { email, password: PASSWORD });
    const code = codeIn(await mailTo(email, /sign-in code/));
    const wrong = code === '00000000' ? '11111111' : '00000000';
    const tries = await Promise.all(
      Array.from({ length: 5 }, () =>
        thief.post('/auth/second-factor', { method: 'email_code', code: wrong }),
      ),
    );
    expect(tries.every(({ status }) => status === 401)).toBe(true);
    expect((await thief.post('/auth/second-factor', { method: 'email_code', code })).status).toBe(401);
  });

  it('has no more of them when they start the sign-in anew: the account is locked for codes, and its person told', async () => {
    const { email } = await signedIn();
    const thief = new Browser({ userAgent: CHROME });
    await thief.post('/auth/sign-in', { email, password: PASSWORD });
    for (let i = 0; i < 5; i++)
      await thief.post('/auth/second-factor', { method: 'email_code', code: `0000000${i}` });
    await thief.post('/auth/sign-in', { email, password: PASSWORD });
    const code = codeIn(await mailTo(email, /sign-in code/, 2));
    expect((await thief.post('/auth/second-factor', { method: 'email_code', code })).status).toBe(429);
    await mailTo(email, /locked for a while/);
  });

  it('is asked from another country on the same kind of device', async () => {
    const person = await signedIn(new Browser({ country: 'DE' }));
    const { email } = person;
    const home = new Browser({ country: 'DE' });
    expect((await home.post('/auth/sign-in', { email, password: PASSWORD })).body.status).toBe('signed_in');
    const abroad = new Browser({ country: 'BR' });
    const answer = await abroad.post('/auth/sign-in', { email, password: PASSWORD });
    expect(answer.body).toMatchObject({ status: 'second_factor', reason: 'new_country' });
    const { body } = await person.browser.get('/v1/me/security-events');
    expect(body.data[0]).toMatchObject({ kind: 'second_factor_asked', country: 'BR', risk: 60 });
  });

  it('does not get a session that only waits for the code', async () => {
    const { browser, email } = await signedIn();
    await new Browser({ userAgent: CHROME }).post('/auth/sign-in', { email, password: PASSWORD });
    expect((await browser.get('/v1/me/sessions')).body.data).toHaveLength(1);
  });
});

describe('a passkey', () => {
  async function withPasskey() {
    const person = await signedIn();
    const key = await Authenticator.create(ORIGIN);
    const options = await person.browser.post('/v1/me/passkeys/options', { password: PASSWORD });
    expect(options.status).toBe(200);
    const response = await key.register(options.body as unknown as Parameters<Authenticator['register']>[0]);
    const added = await person.browser.post('/v1/me/passkeys', { name: 'Laptop', response });
    expect(added.status, JSON.stringify(added.body)).toBe(201);
    return { ...person, key, id: added.body.id, response };
  }

  async function passkeySignIn(browser: Browser, key: Authenticator) {
    const options = await browser.post('/auth/passkey/options');
    const response = await key.sign(options.body as unknown as Parameters<Authenticator['sign']>[0]);
    return { response, answer: await browser.post('/auth/passkey', { response }) };
  }

  it('signs its person in without a password and without a code, from any device', async () => {
    const { email, key } = await withPasskey();
    const browser = new Browser({ userAgent: CHROME });
    const { answer } = await passkeySignIn(browser, key);
    expect(answer.body).toMatchObject({ status: 'signed_in', person: { email } });
    expect((await browser.get('/v1/session')).body).toMatchObject({ tenant: { role: 'owner' } });
  });

  it('is offered beside the mailed code where the place is new', async () => {
    const { email } = await withPasskey();
    const answer = await new Browser({ userAgent: CHROME }).post('/auth/sign-in', {
      email,
      password: PASSWORD,
    });
    expect(answer.body.methods).toEqual(['passkey', 'email_code']);
  });

  it('cannot be replayed: a signed answer is good once, in the browser that asked', async () => {
    const { key } = await withPasskey();
    const browser = new Browser();
    const { response, answer } = await passkeySignIn(browser, key);
    expect(answer.status).toBe(200);
    expect((await browser.post('/auth/passkey', { response })).status).toBe(401);
    expect((await new Browser().post('/auth/passkey', { response })).status).toBe(401);
  });

  it('is refused when the device did not check who holds it', async () => {
    const { key } = await withPasskey();
    key.verified = false;
    const { answer } = await passkeySignIn(new Browser(), key);
    expect(answer.status).toBe(401);
  });

  it('is refused when it signs for another site', async () => {
    const { browser } = await signedIn();
    const phished = await Authenticator.create('https://parallax-login.example');
    const options = await browser.post('/v1/me/passkeys/options', { password: PASSWORD });
    const response = await phished.register(
      options.body as unknown as Parameters<Authenticator['register']>[0],
    );
    expect((await browser.post('/v1/me/passkeys', { name: 'Phished', response })).status).toBe(422);
  });

  it('is removed by its person alone, and opens nothing afterwards', async () => {
    const { browser, id, key } = await withPasskey();
    const other = await signedIn();
    expect((await other.browser.ask('DELETE', `/v1/me/passkeys/${id}`)).status).toBe(404);
    expect((await other.browser.get('/v1/me/passkeys')).body.data).toHaveLength(0);
    expect((await browser.get('/v1/me/passkeys')).body.data).toMatchObject([{ id, name: 'Laptop' }]);
    expect((await browser.ask('DELETE', `/v1/me/passkeys/${id}`)).status).toBe(204);
    expect((await passkeySignIn(new Browser(), key)).answer.status).toBe(401);
  });

  it('is added with the password alone, and its person is told', async () => {
    const { browser } = await signedIn();
    expect((await browser.post('/v1/me/passkeys/options')).status).toBe(422);
    expect((await browser.post('/v1/me/passkeys/options', { password: 'wrong one' })).status).toBe(403);
    const { email } = await withPasskey();
    await mailTo(email, /new passkey/);
    expect((await mailsTo(email)).length).toBeGreaterThan(1);
  });
});
