import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFailed } from 'vitest';
import { launchBrowser, openView, VIEWS } from './browser.ts';
import { keepFailure, looked } from './looked.ts';
import { PersonAtABrowser } from './person-at-a-browser.ts';

let browser: Browser;

/** A model of OpenAI's that costs some tenths of a cent an answer, and is the local one behind the person's own key. */
const MODEL = 'openai/swift';

const operator = (method: string, body?: object) =>
  fetch(`${inject('baseUrl')}/v1/operator/models/${MODEL}`, {
    method,
    headers: { authorization: `Bearer ${inject('operatorToken')}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

beforeAll(async () => {
  browser = await launchBrowser();
  const put = await operator('PUT', { pricing: { input: 2, output: 100 }, category: 'chat' });
  if (!put.ok) throw new Error(await put.text());
});
afterAll(async () => {
  await operator('DELETE');
  await browser?.close();
});

/** Asks the API as the person at the page. */
const ask = <T>(page: Page, method: string, path: string, body?: object): Promise<T> =>
  page.evaluate(
    async ([how, where, json]) => {
      const response = await fetch(where, {
        method: how,
        headers: { 'content-type': 'application/json' },
        ...(json === null ? {} : { body: json }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status}: ${text}`);
      return JSON.parse(text);
    },
    [method, path, body === undefined ? null : JSON.stringify(body)] as const,
  );

const call = (page: Page) =>
  ask(page, 'POST', '/v1/chat/completions', {
    model: MODEL,
    messages: [{ role: 'user', content: 'Hello' }],
    max_tokens: 60,
  });

describe.each(VIEWS)('the page of budgets, $name', (view) => {
  it('makes a budget, shows how calls fill it and when it refuses, changes and deletes it', async () => {
    const context = await openView(browser, view);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    onTestFailed(() => keepFailure(page, `failed-budgets-${view.name}`));
    await context.addCookies((await PersonAtABrowser.signedUp(inject('baseUrl'))).cookies);
    await page.route('**/v1/budgets', (route) =>
      route.fulfill({ status: 500, contentType: 'text/html', body: 'oh' }),
    );
    await page.goto(`${inject('baseUrl')}/budgets`);
    await page.getByText('The budgets could not be loaded').waitFor();
    await page.unroute('**/v1/budgets');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('No budgets yet').waitFor();
    await looked(page, view.name, 'budgets-first');
    await ask(page, 'POST', '/v1/provider-keys', {
      provider: 'openai',
      key: 'sk-own-0123456789',
      name: 'Our account',
      base_url: `${inject('serverModelsUrl')}/v1`,
      validate: false,
    });

    await page.getByRole('button', { name: 'Make a budget' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('All of it');
    await dialog.getByLabel('Limit').fill('0.02');
    await looked(page, view.name, 'new-budget');
    await dialog.getByRole('button', { name: 'Make the budget' }).click();
    await dialog.waitFor({ state: 'detached' });
    const budgets = page.getByRole('region', { name: 'Budgets', exact: true });
    const row = budgets.getByRole('row', { name: 'All of it' });
    await row.getByText('All that is spent').waitFor();
    await row.getByText('$0.00').first().waitFor();

    // By a key of the provider, chosen by its name; it only counts.
    await page.getByRole('button', { name: 'Make a budget' }).first().click();
    await dialog.getByLabel('Name').fill('Our account, a day');
    await dialog.getByRole('combobox', { name: 'What it bounds' }).click();
    await page.getByRole('option', { name: 'A provider key' }).click();
    await dialog.getByRole('combobox', { name: 'Which' }).click();
    await page.getByRole('option', { name: 'Our account' }).click();
    await dialog.getByRole('combobox', { name: 'How often' }).click();
    await page.getByRole('option', { name: 'A day' }).click();
    await dialog.getByLabel('Limit').fill('0.012');
    await dialog.getByRole('radio', { name: 'Only tell' }).click();
    await dialog.getByRole('button', { name: 'Make the budget' }).click();
    // The browser itself says that there are no parts of a cent.
    expect(await dialog.getByLabel('Limit').evaluate((field: HTMLInputElement) => field.validity.valid)).toBe(
      false,
    );
    await dialog.getByLabel('Limit').fill('0.01');
    await dialog.getByRole('button', { name: 'Make the budget' }).click();
    await dialog.waitFor({ state: 'detached' });
    const other = budgets.getByRole('row', { name: 'Our account, a day' });
    await other.getByText('Calls on Our account').waitFor();

    for (let calls = 0; ; calls++) {
      expect(calls).toBeLessThan(20);
      const refused = await call(page).then(
        () => null,
        (error: Error) => error.message,
      );
      if (refused !== null) {
        expect(refused).toContain('The budget “All of it” has');
        break;
      }
    }
    await page.reload();
    await row
      .getByText(/(Little left|Within it)/)
      .or(row.getByText(/\d+ %/))
      .first()
      .waitFor();
    await other
      .getByText('100 %')
      .or(other.getByText(/1\d\d %/))
      .first()
      .waitFor();
    // People are told by the bell.
    const bell = page.getByRole('button', { name: /notice/i }).first();
    await expect
      .poll(
        async () =>
          (await ask<{ data: { title: string }[] }>(page, 'GET', '/v1/notices')).data.map(
            ({ title }) => title,
          ),
        { timeout: 30_000 },
      )
      .toContain('The budget “Our account, a day” is used up');
    await bell.waitFor();
    await ask(page, 'POST', '/v1/budgets', { name: 'Everything, the month', limit_usd: 50 });
    await page.reload();
    await budgets.getByText('Everything, the month').waitFor();
    await looked(page, view.name, 'budgets');

    await row.getByRole('button').first().click();
    await dialog.getByText('calls are refused').waitFor();
    await looked(page, view.name, 'budget');
    await dialog.getByLabel('Name').fill('All of it, raised');
    await dialog.getByLabel('Limit').fill('5');
    await dialog.getByRole('radio', { name: 'Only tell' }).click();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('calls go on, people are told').waitFor();
    await call(page);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('It bounds nothing from then on').waitFor();
    await page.getByRole('button', { name: 'Delete the budget' }).click();
    await budgets.getByRole('row', { name: 'All of it, raised' }).waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await context.close();
  });
});
