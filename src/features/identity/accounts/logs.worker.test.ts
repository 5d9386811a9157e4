import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser, CHROME, codeIn, mailTo, newAddress, PASSWORD, tokenIn } from './test-browser.ts';

const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => {
      lines.push(
        parts.map((part) => (part instanceof Error ? `${part.stack}` : JSON.stringify(part))).join(' '),
      );
    });
});
afterEach(() => vi.restoreAllMocks());

describe('somebody who reads the logs', () => {
  it('finds no password, token, code, cookie or address in them, whatever was done or refused', async () => {
    const email = newAddress();
    const browser = new Browser();
    const secrets = [email, PASSWORD];
    await browser.post('/auth/sign-up', { name: 'Ada', email, password: PASSWORD });
    const confirmation = tokenIn(await mailTo(email, /Confirm your e-mail/));
    await browser.post('/auth/sign-in', { email, password: PASSWORD });
    await browser.post('/auth/verify-email', { token: `${confirmation}x` });
    await browser.post('/auth/verify-email', { token: confirmation });
    await browser.post('/auth/sign-in', { email, password: 'a wrong password' });
    await browser.post('/auth/sign-in', { email, password: PASSWORD });
    secrets.push(confirmation, 'a wrong password', ...browser.cookies.values());
    const other = new Browser({ userAgent: CHROME });
    await other.post('/auth/sign-in', { email, password: PASSWORD });
    const code = codeIn(await mailTo(email, /sign-in code/));
    secrets.push(code, ...other.cookies.values());
    await other.post('/auth/second-factor', { method: 'email_code', code: '00000000' });
    await other.post('/auth/second-factor', { method: 'email_code', code });
    secrets.push(...other.cookies.values());
    for (let i = 0; i < 6; i++) await browser.post('/auth/request-reset', { email });
    const reset = tokenIn(await mailTo(email, /Choose a new password/));
    await browser.post('/auth/reset-password', { token: reset, password: 'a quite new password' });
    await browser.post('/auth/reset-password', { token: reset, password: 'a quite new password' });
    secrets.push(reset, 'a quite new password');
    await browser.get('/auth/callback/github?code=secret-code-of-github&state=made-up-state-of-mine');
    secrets.push('secret-code-of-github', 'made-up-state-of-mine');
    await new Promise((resolve) => setTimeout(resolve, 500));
    // Too many mails, and a state that was made up, are in the log: it is watched.
    const text = lines.join('\n');
    expect(text).toContain('too many went to its address');
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});
