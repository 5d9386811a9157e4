import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchBrowser, openView, VIEWS } from './browser.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SCREENS = join(root, process.env.SCREENS ?? 'test-results');
const PASSWORD = 'correct horse battery staple';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  mkdirSync(SCREENS, { recursive: true });
});

afterAll(async () => {
  await browser?.close();
});

/** Looks at a page as a person would who cannot see it, and keeps a picture. */
async function looked(page: Page, view: string, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const said = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
  expect(said).toEqual([]);
  await page.screenshot({ path: join(SCREENS, `${name}-${view}.png`), fullPage: true });
  // Nothing is wider than the window.
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
}

/** An app that wants to connect: registered, with the address that it opens. */
async function appThatAsks(baseUrl: string): Promise<{ url: string; clientId: string; verifier: string }> {
  const registered = await fetch(`${baseUrl}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Second opinions for my editor',
      redirect_uris: ['http://127.0.0.1:33419/callback'],
      token_endpoint_auth_method: 'none',
    }),
  });
  const { client_id } = (await registered.json()) as { client_id: string };
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: 'http://127.0.0.1:33419/callback',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 's',
    resource: `${baseUrl}/mcp`,
  });
  return { url: `${baseUrl}/oauth/authorize?${query}`, clientId: client_id, verifier };
}

describe.each(VIEWS)('the web app, $name', (view) => {
  it('takes a person from sign-up to a key that works and an app that is connected', async () => {
    const baseUrl = inject('baseUrl');
    const context = await openView(browser, view);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    const email = `web-${view.name}-${randomBytes(4).toString('hex')}@example.com`;

    await page.goto(`${baseUrl}/sign-up`);
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await looked(page, view.name, 'sign-up');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();

    await page.getByRole('link', { name: 'dev mailbox' }).click();
    const mail = page.locator('.mail', { hasText: email });
    await mail.first().waitFor();
    await looked(page, view.name, 'mailbox');
    await mail.getByRole('link').first().click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
    expect(page.url()).toBe(`${baseUrl}/verify-email`);

    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill('not my password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await looked(page, view.name, 'sign-in');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('$100.00').waitFor();
    await looked(page, view.name, 'overview');

    await page.getByRole('link', { name: 'API keys', exact: true }).first().click();
    await page.getByText('No keys yet').waitFor();
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByLabel('Name').fill('My editor');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const shown = page.locator('.secret code');
    await shown.waitFor();
    const key = /plx_sk_\S+/.exec((await shown.textContent()) ?? '')?.[0] ?? '';
    await looked(page, view.name, 'keys');
    const me = await fetch(`${baseUrl}/v1/me`, { headers: { authorization: `Bearer ${key}` } });
    expect(await me.json()).toMatchObject({ user: { email }, role: 'owner' });

    const app = await appThatAsks(baseUrl);
    await page.goto(app.url);
    await page.getByRole('heading', { name: /Let Second opinions for my editor in/ }).waitFor();
    await page.getByText('your own machine').waitFor();
    await looked(page, view.name, 'consent');
    // Stands for the app's own server on the person's machine.
    await page.route(/127\.0\.0\.1:33419\/callback/, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>The app</title>You can close this.' }),
    );
    const back = page.waitForRequest(/127\.0\.0\.1:33419\/callback/);
    await page.getByRole('button', { name: 'Let it in' }).click();
    await page.getByText('You can close this.').waitFor();
    const code = new URL((await back).url()).searchParams.get('code') ?? '';
    const tokens = await fetch(`${baseUrl}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: app.clientId,
        code,
        redirect_uri: 'http://127.0.0.1:33419/callback',
        code_verifier: app.verifier,
      }),
    });
    expect(tokens.status).toBe(200);

    await page.goto(`${baseUrl}/apps`);
    await page.getByText('Second opinions for my editor').waitFor();
    await looked(page, view.name, 'apps');
    await page.getByRole('button', { name: 'Disconnect Second opinions for my editor' }).click();
    await page.getByText('No app is connected').waitFor();

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${baseUrl}/keys`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
