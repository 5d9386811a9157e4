import { beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/app.ts';
import { Browser, signedIn } from '../../src/features/identity/accounts/test-browser.ts';
import { needsBrowser } from './needs-browser.ts';

let browser: Browser;

beforeAll(async () => {
  ({ browser } = await signedIn());
});

/** What takes no body reads none. */
const TAKES_NONE = new Set(['/v1/members/leave', '/v1/invitations/x/resend']);

describe('a person at a browser who sends too much', () => {
  it.each(
    operations
      .filter(({ method, access }) => ['post', 'put', 'patch'].includes(method) && needsBrowser(access))
      .map((one) => [`${one.method} ${one.path}`, one] as const),
  )('meets a bound at %s', async (_, { method, path }) => {
    const target = path.replaceAll(/\{\w+\}/g, 'x');
    const body = { name: 'x'.repeat(9 * 1024 * 1024) };
    const answer = await browser.ask(method.toUpperCase(), target, { body });
    if (TAKES_NONE.has(target)) expect(answer.status).toBeLessThan(500);
    else expect(answer.status).toBe(413);
  });

  it('is nobody who is not signed in: that comes first', async () => {
    const answer = await new Browser().post('/v1/me/password', { name: 'x'.repeat(9 * 1024 * 1024) });
    expect(answer.status).toBe(401);
  });
});
