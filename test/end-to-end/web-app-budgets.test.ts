import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFailed } from 'vitest';
import type { BudgetView } from '../../src/contracts/budgets.ts';
import { launchBrowser, openView, VIEWS, type View } from './browser.ts';
import { bringDearModel, dearCall } from './dear-calls.ts';
import { keepFailure, looked, visit } from './looked.ts';
import { PersonAtABrowser } from './person-at-a-browser.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
});

interface Made {
  readonly id: string;
  readonly key: string;
}
interface Lists {
  readonly data: readonly BudgetView[];
}

const keyOf = (person: PersonAtABrowser, name: string) => person.ask<Made>('POST', '/v1/api-keys', { name });

/** A page of somebody, in one of the views. */
async function pageOf(person: PersonAtABrowser, view: View, complaints: string[]): Promise<Page> {
  const context = await openView(browser, view);
  await context.addCookies(person.cookies);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  onTestFailed(() => keepFailure(page, `failed-budgets-${view.name}`));
  return page;
}

/** The line of a budget. */
const line = (page: Page, name: string): Locator =>
  page.getByRole('list', { name: 'Budgets' }).getByRole('listitem').filter({ hasText: name });

async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.getByRole('dialog').getByRole('combobox', { name: field }).click();
  await page.getByRole('option', { name: option }).click();
}

/** Opens the menu of a budget and picks something. */
async function pick(page: Page, name: string, what: string): Promise<void> {
  await page.getByRole('button', { name: `What can be done about ${name}` }).click();
  await page.getByRole('menuitem', { name: what }).click();
}

describe.each(VIEWS)('the page of budgets, $name', (view) => {
  it('takes an owner from the first budget over spending to its end, and shows a member what bounds them', async () => {
    const complaints: string[] = [];
    const owner = await PersonAtABrowser.signedUp(inject('baseUrl'), 'Ada Lovelace');
    const member = await PersonAtABrowser.signedUp(inject('baseUrl'), 'Grace Hopper');
    const tenant = await owner.ask<{ id: string }>('POST', '/v1/tenants', { name: 'Analytical Engines' });
    await owner.ask('POST', '/v1/session/tenant', { tenant_id: tenant.id });
    await owner.ask('POST', '/v1/invitations', { email: member.email, role: 'member' });
    await member.acceptsInvitation();
    await member.ask('POST', '/v1/session/tenant', { tenant_id: tenant.id });
    const providerKey = await bringDearModel(owner, 'OpenAI contract');
    const builds = await keyOf(owner, 'Build server');
    const trials = await keyOf(owner, 'Experiments');
    const graces = await keyOf(member, 'Grace’s editor');

    const page = await pageOf(owner, view, complaints);
    const dialog = page.getByRole('dialog');
    await page.goto(`${inject('baseUrl')}/budgets`);
    await page.getByText('No budgets yet').waitFor();
    await looked(page, view.name, 'budgets-first');

    // What is wrong is said at its field, and dealt with there.
    await page.getByRole('button', { name: 'Make a budget' }).first().click();
    await choose(page, 'Whose spending', 'A member');
    await dialog.getByLabel('Limit', { exact: true }).fill('10.005');
    await dialog.getByRole('button', { name: 'Make the budget' }).click();
    await dialog.getByText('Give it a name').waitFor();
    await dialog.getByText('Choose a member.').waitFor();
    await dialog.getByText('Whole cents only').waitFor();
    await looked(page, view.name, 'new-budget');
    await dialog.getByLabel('Name').fill('Grace’s week');
    await dialog.getByLabel('Limit', { exact: true }).fill('6');
    await choose(page, 'Member', 'Grace Hopper');
    await choose(page, 'In each', 'Week');
    await dialog.getByRole('radio', { name: 'Let calls go on' }).click();
    expect(await dialog.getByText('Choose a member.').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Make the budget' }).click();
    await line(page, 'Grace’s week').getByText('Grace Hopper').waitFor();
    await line(page, 'Grace’s week').getByText('of $6.00 a week').waitFor();
    await line(page, 'Grace’s week').getByText('Calls beyond it go on').waitFor();

    const rest = [
      { name: 'Everything', limit_usd: 50 },
      { name: 'Builds', scope: 'key', subject: builds.id, period: 'daily', limit_usd: 90 },
      { name: 'Trials', scope: 'key', subject: trials.id, limit_usd: 90 },
      { name: 'Our contract', scope: 'provider_key', subject: providerKey, limit_usd: 200, hard: false },
    ];
    for (const budget of rest) await owner.ask('POST', '/v1/budgets', budget);

    // A call of the member moves the bars of what it counts in, and no other, while the page is looked at.
    const bar = (name: string) => line(page, name).getByRole('meter');
    expect(Number(await bar('Grace’s week').getAttribute('value'))).toBe(0);
    expect(await dearCall(graces.key)).toBeNull();
    await expect
      .poll(async () => Number(await bar('Grace’s week').getAttribute('value')), { timeout: 40_000 })
      .toBeGreaterThan(0);
    await bar('Everything').waitFor({ state: 'attached' });
    expect(await bar('Everything').getAttribute('value')).toBe(
      await bar('Grace’s week').getAttribute('value'),
    );
    expect(Number(await bar('Builds').getAttribute('value'))).toBe(0);

    for (const { key } of [builds, trials]) expect(await dearCall(key)).toBeNull();
    const standing = async (name: string) =>
      (await owner.ask<Lists>('GET', '/v1/budgets')).data.find(
        (budget) => budget.name === name,
      ) as BudgetView;
    for (const name of ['Builds', 'Trials'])
      await expect
        .poll(async () => (await standing(name)).spent_nano_usd, { timeout: 30_000 })
        .toBeGreaterThan(0);
    await page.reload();

    // Under a smaller limit it is nearly used up, or over; a call that does not fit is refused.
    const { id, spent_usd: spent } = await standing('Builds');
    await pick(page, 'Builds', 'Change');
    await dialog.getByText('Today, 4 %').waitFor();
    await dialog.getByLabel('Limit a day').fill('0.01');
    await dialog.getByText('calls are refused at once').waitFor();
    await dialog.getByLabel('Limit a day').fill((spent / 0.85).toFixed(2));
    expect(await dialog.getByText('calls are refused at once').count()).toBe(0);
    await looked(page, view.name, 'budget');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('Today, 85 %').waitFor();
    await page.keyboard.press('Escape');
    await line(page, 'Builds').getByText('Nearly used up').waitFor();
    expect(await dearCall(builds.key)).toContain('The budget “Builds” has');
    await pick(page, 'Trials', 'Change');
    await dialog.getByLabel('Limit a month').fill((spent - 0.4).toFixed(2));
    await dialog.getByLabel('Name').fill('Experiments of the lab');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByRole('heading', { name: 'Experiments of the lab' }).waitFor();
    await page.keyboard.press('Escape');
    await line(page, 'Experiments of the lab').getByText('Over the limit').waitFor();
    await line(page, 'Experiments of the lab').getByText('Calls are refused').waitFor();
    const names = page.getByRole('list', { name: 'Budgets' }).getByRole('heading');
    expect((await names.allTextContents()).slice(0, 2)).toEqual(['Experiments of the lab', 'Builds']);
    // Who manages the tenant is told by the bell, and the bell leads here.
    const told = () => owner.ask<{ data: { title: string; link: string }[] }>('GET', '/v1/notices');
    await expect
      .poll(async () => (await told()).data, { timeout: 30_000 })
      .toContainEqual(
        expect.objectContaining({ title: expect.stringContaining('Grace’s week'), link: '/budgets' }),
      );
    await page.getByText('Saved.').first().waitFor({ state: 'detached' });
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await looked(page, view.name, 'budgets');

    // By keyboard: open it by its name, leave it as it is, find the focus where it was.
    await page.getByRole('button', { name: 'Everything', exact: true }).focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('heading', { name: 'Everything' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Everything');

    // What the server refuses is said at the field that it means: the key ended while the form stood open.
    await visit(page, '/budgets?create=true');
    await choose(page, 'Whose spending', 'An API key');
    await choose(page, 'API key', 'Experiments');
    await dialog.getByLabel('Name').fill('Too late');
    await dialog.getByLabel('Limit', { exact: true }).fill('$1,000');
    await owner.ask('DELETE', `/v1/api-keys/${trials.id}`);
    await dialog.getByRole('button', { name: 'Make the budget' }).click();
    await dialog.getByText('There is no such API key in this tenant.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await pick(page, 'Builds', 'Delete');
    const confirm = page.getByRole('alertdialog');
    await confirm.getByText('a new budget begins at zero').waitFor();
    await confirm.getByRole('button', { name: 'Delete the budget' }).click();
    await line(page, 'Builds').waitFor({ state: 'detached' });
    // What is behind the question is hidden from the moment it is asked: that the line is gone says little of the budget.
    const isGone = () =>
      owner.ask('GET', `/v1/budgets/${id}`).then(
        () => false,
        () => true,
      );
    await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
    await line(page, 'Builds').waitFor({ state: 'detached' });

    if (view.name === 'light') {
      await page.route('**/v1/budgets', (route) =>
        route.fulfill({ status: 500, contentType: 'text/html', body: 'oh' }),
      );
      await page.reload();
      await page.getByText('The budgets could not be loaded').waitFor();
      await page.unroute('**/v1/budgets');
      await page.getByRole('button', { name: 'Try again' }).click();
      await line(page, 'Everything').waitFor();
    }
    await page.context().close();

    const theirs = await pageOf(member, view, complaints);
    await theirs.goto(`${inject('baseUrl')}/budgets?create=true`);
    await line(theirs, 'Grace’s week').getByText('Grace Hopper').waitFor();
    await line(theirs, 'Everything').waitFor();
    expect(await theirs.getByRole('list', { name: 'Budgets' }).getByRole('listitem').count()).toBe(2);
    expect(await theirs.getByRole('dialog').count()).toBe(0);
    const buttons = theirs.locator('#main').getByRole('button');
    expect(await buttons.allTextContents()).toEqual(['Grace’s week', 'Everything']);
    await looked(theirs, view.name, 'budgets-member');
    await buttons.first().click();
    await theirs.getByRole('dialog').getByText('Calls go on').waitFor();
    expect(await theirs.getByRole('dialog').getByRole('button').allTextContents()).toEqual(['']);
    expect(await theirs.getByRole('dialog').getByRole('textbox').count()).toBe(0);
    await theirs.context().close();
    expect(complaints).toEqual([]);
  });
});
