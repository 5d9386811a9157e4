import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFailed } from 'vitest';
import { launchBrowser, openView, VIEWS } from './browser.ts';
import { keepFailure, looked, visit } from './looked.ts';
import { callNow, livePast } from './past-usage.ts';

const PASSWORD = 'correct horse battery staple';

/** Pages of a signed-in person, with what stands on them once they are there. */
const PAGES = [
  ['usage', 'Calls by day and model'],
  ['usage/costs?by=model', 'Costs by day'],
  ['usage/calls', 'Calls'],
  ['usage/runs', 'Runs'],
  ['provider-keys', 'Provider keys'],
  ['members', 'Members'],
  ['audit', 'Audit log'],
  ['tenant', 'Tenant settings'],
  ['settings/profile', 'Your account'],
  ['settings/sessions', 'Your account'],
  ['settings/events', 'Your account'],
] as const;

/** The field itself: the button beside it that shows what was typed is labelled with the same word. */
const password = (page: Page) => page.getByRole('textbox', { name: 'Password' });

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

interface Me {
  readonly user: { readonly id: string };
  readonly tenant: { readonly id: string };
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

/** The code of an authenticator app at this moment (RFC 6238, with SHA-1, six digits and 30 seconds). */
function totp(secret: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}

describe.each(VIEWS)('the web app, $name', (view) => {
  it('takes a person from sign-up over a second factor to a key that works and an app that is connected', async () => {
    const baseUrl = inject('baseUrl');
    const context = await openView(browser, view);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.setDefaultTimeout(10_000);
    onTestFailed(() => keepFailure(page, `failed-${view.name}`));
    page.on('pageerror', (error) => complaints.push(error.message));
    const email = `web-${view.name}-${randomBytes(4).toString('hex')}@example.com`;

    await page.goto(`${baseUrl}/sign-up`);
    await page.getByLabel('Name').fill('Ada Lovelace');
    await page.getByLabel('E-mail').fill(email);
    await password(page).fill(PASSWORD);
    await looked(page, view.name, 'sign-up');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByRole('heading', { name: /mail/i }).waitFor();

    await page.goto(`${baseUrl}/dev/mailbox?to=${encodeURIComponent(email)}`);
    await page.getByRole('article').waitFor();
    await looked(page, view.name, 'mailbox');
    await page.getByRole('article').getByRole('link').first().click();
    await page.getByRole('button', { name: 'Confirm the address' }).click();
    await page.getByRole('heading', { name: 'Your address is confirmed' }).waitFor();
    expect(page.url()).toBe(`${baseUrl}/verify-email`);

    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByLabel('E-mail').fill(email);
    await password(page).fill('not my password');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').waitFor();
    await looked(page, view.name, 'sign-in');
    await password(page).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Hello, Ada' }).waitFor();
    await page.getByText('$100.00').first().waitFor();
    await looked(page, view.name, 'overview');

    await visit(page, '/settings/security');
    await page.getByRole('button', { name: 'Set it up' }).click();
    await password(page).fill(PASSWORD);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'Scan this with your app' }).waitFor();
    const setUp = (await page.getByRole('dialog').textContent()) ?? '';
    const secret = (/(?:[A-Z2-7]{4} ?){4,}/.exec(setUp)?.[0] ?? '').replaceAll(' ', '');
    await looked(page, view.name, 'second-factor');
    await page.getByLabel('Code', { exact: true }).fill(totp(secret));
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await page.getByRole('heading', { name: 'Keep these backup codes' }).waitFor();
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await page.getByText('Set up', { exact: true }).waitFor();
    await looked(page, view.name, 'security');

    await visit(page, '/api-keys');
    await page.getByRole('heading', { name: 'API keys' }).waitFor();
    await page
      .getByRole('button', { name: /Make (a|an API) key/ })
      .first()
      .click();
    await page.getByLabel('Name').fill('My editor');
    await looked(page, view.name, 'new-key');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('it is shown this once').waitFor();
    const key = ((await page.locator('[data-secret]').first().textContent()) ?? '').trim();
    await page.getByRole('dialog').getByRole('button').last().click();
    await page.getByText('My editor').first().waitFor();
    await looked(page, view.name, 'keys');
    const me = await fetch(`${baseUrl}/v1/me`, { headers: { authorization: `Bearer ${key}` } });
    const who = (await me.json()) as Me;
    expect(who).toMatchObject({ user: { email }, role: 'owner' });

    await livePast(who);
    const runId = await callNow(key);
    for (const [path, heading] of PAGES) {
      await visit(page, `/${path}`);
      await page
        .getByRole('heading', { name: heading })
        .or(page.getByRole('img', { name: heading }))
        .or(page.getByRole('region', { name: heading, exact: true }))
        .first()
        .waitFor();
      await looked(page, view.name, path.replace(/[?].*/, '').replaceAll('/', '-'));
    }

    // What the chart shows stands there as a table too; a line of it narrows the page to itself; the address says so.
    await visit(page, '/usage');
    await page.getByRole('button', { name: 'As a table' }).click();
    await page
      .getByRole('region', { name: /^Calls by day and model/ })
      .getByRole('row')
      .nth(30)
      .waitFor();
    await page
      .getByRole('region', { name: 'Usage by model' })
      .getByRole('button', { name: 'openai/gpt-5-mini' })
      .click();
    await page.waitForURL(/model=openai%2Fgpt-5-mini/);

    await visit(page, `/usage/runs/${runId}`);
    await page.getByText('Charged to your credit').waitFor();
    await looked(page, view.name, 'receipt');

    await page.reload();
    const bell = page.getByRole('button', { name: /^Notices/ }).locator('visible=true');
    await page.getByRole('button', { name: 'Notices: 2 new' }).locator('visible=true').click();
    await page.getByText('Automatic top-ups are off').waitFor();
    await looked(page, view.name, 'notices');
    await page.keyboard.press('Escape');
    await expect.poll(() => bell.getAttribute('aria-label'), { timeout: 30_000 }).toBe('Notices');

    if (view.name === 'light') {
      // A failure keeps its place, says why, and is tried again by a press.
      await page.route('**/v1/usage/summary?*', (route) =>
        route.fulfill({ status: 500, contentType: 'text/html', body: 'oh' }),
      );
      await visit(page, '/usage?period=90d');
      await page.getByText('The usage could not be loaded').waitFor();
      await page.unroute('**/v1/usage/summary?*');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('img', { name: /^Calls by day/ }).waitFor();

      await visit(page, '/ui');
      await page.getByRole('heading', { name: 'Parts' }).waitFor();
      await looked(page, view.name, 'parts');
    }

    await visit(page, '/billing');
    await page.getByRole('checkbox', { name: 'Keep the card for automatic top-ups' }).click();
    await page.getByRole('button', { name: 'Buy $20.00' }).click();
    await page.getByRole('button', { name: 'Pay $20.00', exact: true }).click();
    await page.waitForURL(/\/billing\?checkout=done/);
    await page.getByText('$120.00').first().waitFor();
    await page.getByText('Paid', { exact: true }).first().waitFor();
    await page.getByText('Bought', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Copy the link' }).waitFor();
    await looked(page, view.name, 'billing');
    const topUps = page.getByRole('form', { name: 'Automatic top-ups' });
    await topUps.getByRole('switch', { name: 'Top up by itself' }).click();
    await topUps.getByLabel('When below').fill('7');
    await topUps.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Credit is topped up by itself').waitFor();

    await visit(page, '/credits');
    await page.getByRole('region', { name: 'Changes of the credit' }).getByText('Credit bought').waitFor();
    await page.getByRole('meter', { name: 'Messages' }).waitFor({ state: 'attached' });
    await looked(page, view.name, 'credits');

    await visit(page, '/vaults');
    await page.getByText('No vaults yet').waitFor();
    await page.getByRole('button', { name: 'Make a vault' }).first().click();
    await page.getByLabel('Name').fill('Webhooks');
    await page.getByRole('button', { name: 'Make the vault' }).click();
    await page.getByRole('button', { name: 'Add a secret' }).first().click();
    await page.getByLabel('Name').fill('shop');
    await page.getByRole('textbox', { name: 'Value' }).fill('whsec_0123456789abcdef');
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('button', { name: 'shop' }).waitFor();
    await looked(page, view.name, 'vault');
    await page.getByRole('button', { name: 'shop' }).click();
    await page.getByText('Never.').waitFor();
    expect(await page.content()).not.toContain('whsec_0123456789');
    await page.keyboard.press('Escape');
    await visit(page, '/vaults');
    await page.getByRole('button', { name: 'Webhooks' }).waitFor();
    await looked(page, view.name, 'vaults');

    const app = await appThatAsks(baseUrl);
    await page.goto(app.url);
    await page.getByRole('heading', { name: 'Second opinions for my editor asks to act for you' }).waitFor();
    await page.getByText('A program on your own machine').waitFor();
    await looked(page, view.name, 'consent');
    // Stands for the app's own server on the person's machine.
    await page.route(/127\.0\.0\.1:33419\/callback/, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>The app</title>You can close this.' }),
    );
    const back = page.waitForRequest(/127\.0\.0\.1:33419\/callback/);
    await page.getByRole('button', { name: 'Allow' }).click();
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

    await page.goto(`${baseUrl}/connected-apps`);
    await page.getByText('Second opinions for my editor').first().waitFor();
    await looked(page, view.name, 'apps');
    await page.getByRole('button', { name: 'Disconnect Second opinions for my editor' }).click();
    await page
      .getByRole('alertdialog')
      .or(page.getByRole('dialog'))
      .getByRole('button', { name: 'Disconnect' })
      .click();
    await page.getByText('No app is connected').waitFor();

    await page
      .getByRole('button', { name: /Ada Lovelace ?: account/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${baseUrl}/api-keys`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('E-mail').fill(email);
    await password(page).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Show that it is you' }).waitFor();
    await looked(page, view.name, 'one-more-step');
    expect(complaints).toEqual([]);
    await context.close();
  });
});
