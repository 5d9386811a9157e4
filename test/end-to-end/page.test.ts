import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchBrowser, openView, VIEWS } from './browser.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Where the pictures go: `test-results/`, or `docs/screens/` when `npm run screens` makes them to be kept. */
const SCREENS = join(root, process.env.SCREENS ?? 'test-results');

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
  mkdirSync(SCREENS, { recursive: true });
});

afterAll(async () => {
  await browser?.close();
});

/** Opens a page and gathers what its console and its scripts complain about. */
async function open(
  view: (typeof VIEWS)[number],
  path: string,
): Promise<{ page: Page; complaints: string[] }> {
  const context = await openView(browser, view);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${inject('baseUrl')}${path}`);
  await page.evaluate(() => document.fonts.ready);
  return { page, complaints };
}

async function violationsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    (violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`,
  );
}

describe.each(VIEWS)('the first page, $name', (view) => {
  it('asks three models and shows their answers and the merge side by side', async () => {
    const { page, complaints } = await open(view, '/');
    expect(await page.getByLabel('API key').isVisible()).toBe(false);
    await page.screenshot({ path: join(SCREENS, `first-page-${view.name}.png`), fullPage: true });
    expect(await violationsOf(page)).toEqual([]);

    await page.getByRole('button', { name: 'Should a small team use microservices?' }).click();
    await page.getByRole('button', { name: 'Ask three models' }).click();
    await page.locator('.pane[data-state="streaming"]').first().waitFor();
    await page.getByRole('heading', { name: 'Conclusion' }).waitFor();
    const panes = page.locator('.pane');
    expect(await panes.count()).toBe(3);
    for (const text of await panes.locator('.text').allTextContents())
      expect(text.length).toBeGreaterThan(80);
    expect(await page.locator('.pane .line').first().textContent()).toMatch(/tokens.*first word.*total/);
    expect(await page.getByRole('button', { name: 'Ask three models' }).isVisible()).toBe(true);
    await page.screenshot({ path: join(SCREENS, `answers-${view.name}.png`), fullPage: true });
    expect(await violationsOf(page)).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    await page.context().close();
  });
});

describe('the first page', () => {
  const [light] = VIEWS;
  if (light === undefined) throw new Error('no view');

  it('works by keyboard alone, and keeps the snippets’ address its own', async () => {
    const { page } = await open(light, '/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the question');
    await page.getByLabel('Your question').focus();
    await page.keyboard.type('Is tea better than coffee?');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('heading', { name: 'Conclusion' }).waitFor();
    await page.getByRole('tab', { name: 'Claude Code' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('tabpanel').textContent()).toContain(`${inject('baseUrl')}/mcp`);
    await page.context().close();
  });

  it('lights the answers that a sentence of the merge came from', async () => {
    const { page } = await open(light, '/');
    await page.getByLabel('Your question').fill('Should a small team use microservices?');
    await page.getByRole('button', { name: 'Ask three models' }).click();
    const claim = page.locator('.claims li').first();
    await claim.waitFor();
    await claim.hover();
    expect(await page.locator('.pane.lit').count()).toBeGreaterThan(1);
    await page.context().close();
  });

  it('says what is wrong when it is, and stays usable', async () => {
    const { page } = await open(light, '/');
    await page.route('**/demo/perspectives', (route) =>
      route.fulfill({
        status: 429,
        contentType: 'application/problem+json',
        body: JSON.stringify({ detail: 'That was a lot of questions. Try again in a minute.' }),
      }),
    );
    await page.getByLabel('Your question').fill('Again?');
    await page.getByRole('button', { name: 'Ask three models' }).click();
    await page.getByText('That was a lot of questions').waitFor();
    expect(await page.getByRole('button', { name: 'Ask three models' }).isEnabled()).toBe(true);
    await page.context().close();
  });

  it('carries a strict content security policy and cannot be framed', async () => {
    const response = await fetch(inject('baseUrl'));
    await response.body?.cancel();
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });
});

describe('the reference page', () => {
  it('shows every operation of the OpenAPI document, with nothing from another origin', async () => {
    const [view] = VIEWS;
    if (view === undefined) throw new Error('no view');
    const { page, complaints } = await open(view, '/docs/');
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(inject('baseUrl')) && !request.url().startsWith('data:'))
        foreign.push(request.url());
    });
    const document = await fetch(`${inject('baseUrl')}/v1/openapi.json`);
    const { paths } = (await document.json()) as {
      paths: Record<string, Record<string, { summary: string; tags: string[] }>>;
    };
    const described = Object.values(paths).flatMap((methods) => Object.values(methods));
    const sidebar = page.getByRole('complementary').or(page.locator('aside')).first();
    for (const tag of new Set(described.flatMap(({ tags }) => tags))) {
      const group = sidebar.getByText(tag, { exact: true }).first();
      await group.waitFor();
      const [first] = described.filter(({ tags }) => tags.includes(tag));
      const shown = sidebar.getByText(first?.summary ?? '').first();
      if (!(await shown.isVisible())) await group.click();
      await shown.waitFor();
    }
    for (const { summary } of described) await sidebar.getByText(summary).first().waitFor();
    await page.screenshot({ path: join(SCREENS, 'reference-light.png') });
    expect(foreign).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
