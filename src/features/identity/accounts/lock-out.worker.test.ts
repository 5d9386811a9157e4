import { env } from 'cloudflare:test';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../platform/errors.ts';
import { PASSWORD_RULE } from './attempt-rules.ts';
import { takeAttempt } from './attempts.ts';
import {
  Browser,
  mailsTo,
  mailTo,
  newAddress,
  PASSWORD,
  signedIn,
  signedUp,
  tokenIn,
} from './test-browser.ts';

const MINUTE = 60_000;

/** A clock that a test moves. */
function virtualClock(now = 1_800_000_000_000) {
  let time = now;
  return {
    now: () => time,
    pass: (ms: number) => {
      time += ms;
    },
  };
}

type VirtualClock = ReturnType<typeof virtualClock>;

/** One attempt: whether it was let in, and whether it made a lock. */
async function attempt(clock: VirtualClock, subject: string, succeeds = false): Promise<string> {
  try {
    const taken = await takeAttempt(env.DB, 'password', subject, PASSWORD_RULE, clock);
    if (succeeds) {
      await taken.succeed();
      return 'succeeded';
    }
    const lock = await taken.fail();
    return lock === null ? 'failed' : `locked for ${lock.lockedForMs / MINUTE}`;
  } catch (error) {
    if (error instanceof ParallaxError && error.code === 'rate_limited')
      return `refused for ${(error.retryAfterMs ?? 0) / MINUTE}`;
    throw error;
  }
}

describe('guessing one account’s password', () => {
  it('locks it after five failures, and each further lock is twice as long', async () => {
    const clock = virtualClock();
    const subject = newAddress();
    for (const minutes of [15, 30, 60, 120]) {
      for (let i = 0; i < 4; i++) expect(await attempt(clock, subject)).toBe('failed');
      expect(await attempt(clock, subject)).toBe(`locked for ${minutes}`);
      expect(await attempt(clock, subject)).toBe(`refused for ${minutes}`);
      clock.pass(minutes * MINUTE - 1_000);
      expect(await attempt(clock, subject, true)).toMatch(/^refused/);
      clock.pass(1_000);
    }
    expect(await attempt(clock, subject, true)).toBe('succeeded');
  });

  it('forgets failures after a quarter of an hour without one, and locks after a day', async () => {
    const clock = virtualClock();
    const subject = newAddress();
    for (let i = 0; i < 4; i++) await attempt(clock, subject);
    clock.pass(15 * MINUTE);
    for (let i = 0; i < 4; i++) expect(await attempt(clock, subject)).toBe('failed');
    expect(await attempt(clock, subject)).toBe('locked for 15');
    clock.pass(24 * 60 * MINUTE + 15 * MINUTE);
    for (let i = 0; i < 4; i++) await attempt(clock, subject);
    expect(await attempt(clock, subject)).toBe('locked for 15');
  });

  it('starts from nothing after a success', async () => {
    const clock = virtualClock();
    const subject = newAddress();
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 4; i++) expect(await attempt(clock, subject)).toBe('failed');
      expect(await attempt(clock, subject, true)).toBe('succeeded');
    }
  });

  it('lets five of a hundred guesses through that come at the same moment, and makes one lock', async () => {
    const clock = virtualClock();
    const subject = newAddress();
    const guesses = await Promise.all(Array.from({ length: 100 }, () => attempt(clock, subject)));
    expect(guesses.filter((guess) => !guess.startsWith('refused'))).toHaveLength(5);
    expect(guesses.filter((guess) => guess.startsWith('locked'))).toHaveLength(1);
  });

  it('counts a guess whose Worker stopped before it knew', async () => {
    const clock = virtualClock();
    const subject = newAddress();
    for (let i = 0; i < 5; i++) await takeAttempt(env.DB, 'password', subject, PASSWORD_RULE, clock);
    expect(await attempt(clock, subject, true)).toBe('refused for 15');
    clock.pass(15 * MINUTE);
    expect(await attempt(clock, subject, true)).toBe('succeeded');
  });

  it('never gets a sixth failure through within a quarter of an hour, whatever the times between them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 8, maxLength: 25 }),
        async (gaps) => {
          const clock = virtualClock();
          const subject = newAddress();
          const failures: number[] = [];
          for (const gap of gaps) {
            clock.pass(gap * MINUTE);
            if (!(await attempt(clock, subject)).startsWith('refused')) failures.push(clock.now());
          }
          for (const from of failures) {
            const within = failures.filter((at) => at >= from && at < from + 15 * MINUTE);
            expect(within.length).toBeLessThanOrEqual(5);
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('a guesser at the door', () => {
  it('finds the account locked after five wrong passwords, even with the right one; its person gets one mail', async () => {
    const { browser, email } = await signedUp();
    for (let i = 0; i < 5; i++)
      expect((await browser.post('/auth/sign-in', { email, password: `guess ${i} of it` })).status).toBe(401);
    const locked = await browser.post('/auth/sign-in', { email, password: PASSWORD });
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(14 * 60);
    await mailTo(email, /locked for a while/);
    await browser.post('/auth/sign-in', { email, password: PASSWORD });
    expect((await mailsTo(email)).filter(({ subject }) => /locked/.test(subject))).toHaveLength(1);
  });

  it('learns nothing from the lock: an address that nobody has locks the same', async () => {
    const browser = new Browser();
    const email = newAddress();
    for (let i = 0; i < 5; i++)
      expect((await browser.post('/auth/sign-in', { email, password: 'any password' })).status).toBe(401);
    const locked = await browser.post('/auth/sign-in', { email, password: 'any password' });
    expect(locked.status).toBe(429);
    expect(await mailsTo(email)).toHaveLength(0);
  });

  it('cannot shut the account’s person out: a reset opens the lock, and the failures are on record', async () => {
    const { browser, email } = await signedIn();
    const guesser = new Browser();
    for (let i = 0; i < 5; i++) await guesser.post('/auth/sign-in', { email, password: `guess number ${i}` });
    await mailTo(email, /locked for a while/);
    await browser.post('/auth/request-reset', { email });
    const token = tokenIn(await mailTo(email, /Choose a new password/));
    const password = 'a quite new password';
    expect((await browser.post('/auth/reset-password', { token, password })).status).toBe(204);
    expect((await browser.post('/auth/sign-in', { email, password })).body.status).toBe('signed_in');
    const { body } = await browser.get('/v1/me/security-events');
    const kinds = body.data.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'sign_in_failed')).toHaveLength(5);
    for (const kind of ['locked', 'unlocked', 'password_reset_asked', 'password_reset', 'signed_up'])
      expect(kinds).toContain(kind);
    const { data } = (await browser.get('/v1/audit?action=person.*')).body;
    const noted = data.map(({ action, risk }) => [action, risk]).reverse();
    expect(noted).toEqual([
      ['person.signed_in', 0],
      ['person.locked', 80],
      ['person.password_reset', 0],
      ['person.unlocked', 0],
      ['person.signed_in', expect.any(Number)],
    ]);
  });

  it('gets five guesses out of twenty at the same moment', async () => {
    const { browser, email } = await signedUp();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        browser.post('/auth/sign-in', { email, password: `guess ${i} of 20` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  it('cannot guess at the password through a session that was left open either', async () => {
    const { browser } = await signedIn();
    for (let i = 0; i < 5; i++)
      expect((await browser.post('/v1/me/two-factor', { password: `guess ${i} of it` })).status).toBe(403);
    expect((await browser.post('/v1/me/two-factor', { password: PASSWORD })).status).toBe(429);
  });
});

describe('a mailed link to choose a new password', () => {
  it('works once, ends all sessions, and the old password with it', async () => {
    const { browser, email } = await signedIn();
    await browser.post('/auth/request-reset', { email });
    const mail = await mailTo(email, /Choose a new password/);
    const token = tokenIn(mail);
    // Behind `#`: no server, no log and no other site's referrer gets to see it.
    expect(mail.text).toContain(`/reset-password#token=${token}`);
    const password = 'a quite new password';
    expect((await browser.post('/auth/reset-password', { token, password: 'short' })).status).toBe(422);
    expect((await browser.post('/auth/reset-password', { token, password })).status).toBe(204);
    expect((await browser.get('/v1/session')).status).toBe(401);
    expect((await browser.post('/auth/reset-password', { token, password })).status).toBe(422);
    expect((await browser.post('/auth/sign-in', { email, password: PASSWORD })).status).toBe(401);
    expect((await browser.post('/auth/sign-in', { email, password })).body.status).toBe('signed_in');
    await mailTo(email, /has a new password/);
  });

  it('is good once when it is used several times at the same moment', async () => {
    const { browser, email } = await signedUp();
    await browser.post('/auth/request-reset', { email });
    const token = tokenIn(await mailTo(email, /Choose a new password/));
    const answers = await Promise.all(
      [0, 1, 2].map((i) => browser.post('/auth/reset-password', { token, password: `new password ${i}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422, 422]);
  });

  it('is not sent without end to one address', async () => {
    const { browser, email } = await signedUp();
    for (let i = 0; i < 8; i++) await browser.post('/auth/request-reset', { email });
    await mailTo(email, /Choose a new password/, 4);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // Five an hour, and the confirmation was one of them.
    expect(await mailsTo(email)).toHaveLength(5);
  });

  it('confirms the address too: whoever signed up with it before keeps nothing', async () => {
    const email = newAddress();
    const eve = new Browser();
    await eve.post('/auth/sign-up', { name: 'Eve', email, password: 'password of eve' });
    await mailTo(email, /Confirm your e-mail/);
    const ada = new Browser();
    await ada.post('/auth/request-reset', { email });
    const token = tokenIn(await mailTo(email, /Choose a new password/));
    await ada.post('/auth/reset-password', { token, password: 'password of ada' });
    expect((await eve.post('/auth/sign-in', { email, password: 'password of eve' })).status).toBe(401);
    expect((await ada.post('/auth/sign-in', { email, password: 'password of ada' })).status).toBe(200);
  });
});
