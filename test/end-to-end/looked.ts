import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Pictures are kept when `npm run screens` makes them; else only that of a failure. */
const KEEPS = process.env.SCREENS !== undefined;
const SCREENS = join(root, process.env.SCREENS ?? 'test-results');
/** What is checked on a phone besides: pages whose frame or form is another there. The others differ from the wide ones by width alone. */
const OTHER_ON_PHONE: readonly string[] = [
  'sign-up',
  'overview',
  'new-key',
  'keys',
  'usage',
  'billing',
  'consent',
  'webhook',
  'budgets',
  'new-budget',
];

/** Goes to another page as a link of the app does, without loading it all anew. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => window.history.pushState(null, '', to), path);
}

/** Looks at a page as a person would who cannot see it, and keeps a picture. */
export async function looked(page: Page, view: string, name: string): Promise<void> {
  await page.waitForFunction(() => document.querySelector('#main .skeleton') === null);
  await page.evaluate(() => document.fonts.ready);
  if (view !== 'phone' || OTHER_ON_PHONE.includes(name)) {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const said = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
    );
    expect(said).toEqual([]);
  }
  if (KEEPS) await picture(page, `${name}-${view}`, true);
  // Nothing is wider than the window, also when everything is shown twice as large.
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  expect(await fits()).toBe(true);
  const size = page.viewportSize();
  if (view === 'light' && size !== null) {
    await page.setViewportSize({ width: size.width / 2, height: size.height / 2 });
    expect(await fits()).toBe(true);
    await page.setViewportSize(size);
  }
}

/** Keeps a picture of what a failed test saw last. */
export async function keepFailure(page: Page, name: string): Promise<void> {
  await picture(page, name, false);
}

async function picture(page: Page, name: string, fullPage: boolean): Promise<void> {
  mkdirSync(SCREENS, { recursive: true });
  await page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage });
}
