import type { Browser, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  inject,
  it,
  onTestFailed,
} from 'vitest';
import { launchBrowser, openView, VIEWS } from './browser.ts';
import { keepFailure, looked, visit } from './looked.ts';
import { pastDeliveries } from './past-deliveries.ts';
import { PersonAtABrowser } from './person-at-a-browser.ts';
import { type Post, type Receiver, startReceiver } from './receiver.ts';

let browser: Browser;
let receiver: Receiver;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
});
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
});

/** What the newest post holds, checked as a receiver checks it. Throws when the secret did not sign it. */
function verified(secret: string): unknown {
  const post = receiver.posts.at(-1) as Post;
  return new Webhook(secret).verify(post.body, post.headers);
}

/** Reads the secret that a dialog shows this once, and puts the dialog away. */
async function keepSecret(page: Page): Promise<string> {
  await page.getByText('it is shown this once and is not shown again').waitFor();
  await page.getByRole('button', { name: 'Copy the signing secret' }).waitFor();
  const secret = await page.locator('[data-secret]').textContent();
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  return secret ?? '';
}

/** Another endpoint of the same person, made as a program would. */
const makeEndpoint = (page: Page, name: string, changes: object): Promise<void> =>
  page.evaluate(
    async ([body, changed]) => {
      const ask = (method: string, path: string, json: unknown) =>
        fetch(path, {
          method,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(json),
        });
      const made = await ask('POST', '/v1/webhook-endpoints', body);
      if (!made.ok) throw new Error(await made.text());
      const { id } = (await made.json()) as { id: string };
      if (Object.keys(changed).length > 0) await ask('PATCH', `/v1/webhook-endpoints/${id}`, changed);
    },
    [{ name, url: `https://example.com/${name.toLowerCase()}` }, changes] as const,
  );

describe.each(VIEWS)('the page of webhooks, $name', (view) => {
  it('takes a person from an address through signed events, failures and a new secret to its end', async () => {
    const context = await openView(browser, view);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    onTestFailed(() => keepFailure(page, `failed-webhooks-${view.name}`));
    await context.addCookies((await PersonAtABrowser.signedUp(inject('baseUrl'))).cookies);
    await page.route('**/v1/webhook-endpoints', (route) =>
      route.fulfill({ status: 500, contentType: 'text/html', body: 'oh' }),
    );
    await page.goto(`${inject('baseUrl')}/webhooks`);
    await page.getByText('The webhooks could not be loaded').waitFor();
    await page.unroute('**/v1/webhook-endpoints');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No webhooks yet').waitFor();
    await looked(page, view.name, 'webhooks-first');
    await page.getByRole('button', { name: 'Add a webhook' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Pager');
    await dialog.getByLabel('Address').fill('ftp://example.com/hook');
    await dialog.getByRole('button', { name: 'Add the webhook' }).click();
    await dialog.getByText('The address is not called').waitFor();
    await dialog.getByLabel('Address').fill(receiver.url);
    await looked(page, view.name, 'new-webhook');
    await dialog.getByRole('checkbox').click();
    expect(await dialog.getByRole('button', { name: 'Add the webhook' }).isDisabled()).toBe(true);
    await dialog.getByRole('checkbox').click();
    await dialog.getByRole('button', { name: 'Add the webhook' }).click();
    await page.locator('[data-secret]').waitFor();
    await looked(page, view.name, 'webhook-secret');
    const secret = await keepSecret(page);
    await page.getByRole('heading', { name: 'Pager' }).waitFor();
    await page.getByText('Nothing was posted yet').waitFor();
    expect(await page.content()).not.toContain(secret);

    const endpointId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    pastDeliveries(endpointId, 60);
    const main = page.locator('#main');
    const deliveries = page.getByRole('region', { name: 'Deliveries', exact: true });
    const newest = deliveries.getByRole('row').nth(1);
    const test = page.getByRole('button', { name: 'Send a test event' });
    await test.click();
    await newest.getByText('Delivered').waitFor();
    await newest.getByText('A test').waitFor();
    expect(receiver.posts).toHaveLength(1);
    expect(verified(secret)).toMatchObject({ type: 'webhook.test' });
    await page.getByText('50 loaded, there are more').waitFor();
    await page.getByRole('button', { name: 'Load more' }).click();
    await page.getByText('61 in all').waitFor();

    // It fails, in words; the page looks again by itself when the next attempt is due, and says that all is well again.
    receiver.answers(503);
    await test.click();
    await newest.getByText('Will try again').waitFor();
    await main.getByText('Nothing arrives there').waitFor();
    await main.getByText('On, but failing').waitFor();
    await newest.getByRole('button').click();
    await dialog.getByText('It answered with status 503.').waitFor();
    await page.keyboard.press('Escape');
    receiver.answers(204);
    await newest.getByText('Delivered').waitFor();
    await main.getByText('Nothing arrives there').waitFor({ state: 'detached' });
    expect(receiver.posts).toHaveLength(3);
    expect(receiver.posts[2]?.headers['webhook-id']).toBe(receiver.posts[1]?.headers['webhook-id']);

    const more = page.getByRole('button', { name: 'What else can be done with it' });
    await more.click();
    await page.getByRole('menuitem', { name: 'Rotate the secret' }).click();
    await dialog.getByText('For a day both sign').waitFor();
    await dialog.getByRole('button', { name: 'Make the new secret' }).click();
    const next = await keepSecret(page);
    expect(next).not.toBe(secret);
    await test.click();
    await expect.poll(() => receiver.posts.length, { timeout: 20_000 }).toBe(4);
    for (const one of [secret, next]) expect(verified(one)).toMatchObject({ type: 'webhook.test' });

    await page.getByRole('button', { name: 'Change' }).click();
    await dialog.getByLabel('Name').fill('The team’s pager');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'The team’s pager' }).waitFor();

    receiver.answers(410);
    await test.click();
    await newest.getByText('Failed').waitFor();
    await main.getByText('Off, gone').waitFor();
    await main.getByText('It is off').waitFor();
    await looked(page, view.name, 'webhook');
    await main.getByRole('button', { name: 'Turn on' }).click();
    await main.getByText('It is off').waitFor({ state: 'detached' });
    await more.click();
    await page.getByRole('menuitem', { name: 'Turn off' }).click();
    await main.getByText('Somebody turned it off').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await main.getByText('It is off').waitFor({ state: 'detached' });
    await more.click();
    await page.getByRole('menuitem', { name: 'Turn off' }).click();
    await main.getByText('Somebody turned it off').waitFor();

    await makeEndpoint(page, 'Finance', {});
    await makeEndpoint(page, 'Chat', {});
    await page.getByRole('link', { name: 'Webhooks', exact: true }).locator('visible=true').last().click();
    const endpoints = page.getByRole('region', { name: 'Webhooks', exact: true });
    await endpoints.getByRole('row', { name: 'The team’s pager' }).getByText('Off, by a person').waitFor();
    await endpoints.getByRole('row', { name: 'Chat' }).getByText('On', { exact: true }).waitFor();
    await looked(page, view.name, 'webhooks');

    await endpoints.getByRole('button', { name: 'The team’s pager' }).click();
    await more.click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete the webhook' }).click();
    await endpoints.getByRole('row', { name: 'Chat' }).waitFor();
    expect(await endpoints.getByText('The team’s pager').count()).toBe(0);
    await visit(page, `/webhooks/${endpointId}`);
    await page.getByText('The webhook could not be loaded').waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });
});
