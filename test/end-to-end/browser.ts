import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-headless-shell', '/usr/bin/google-chrome'];

/**
 * A real browser: `CHROME_PATH`, else a system Chromium, else the one that comes inside an npm package. Never skipped: when none
 * starts, the error says what to install.
 */
export async function launchBrowser(): Promise<Browser> {
  const failures: string[] = [];
  for (const find of [fromEnvironment, fromSystem, fromPackage]) {
    try {
      const found = await find();
      if (found === null) continue;
      return await chromium.launch({
        executablePath: found.path,
        chromiumSandbox: false,
        env: { ...definedOnly(process.env), ...found.env },
      });
    } catch (error) {
      failures.push(error instanceof Error ? error.message.slice(0, 500) : String(error));
    }
  }
  throw new Error(
    `No browser started. Install one with \`apt install --no-install-recommends chromium-headless-shell\`, or set CHROME_PATH.\n${failures.join('\n')}`,
  );
}

export interface View {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
}

/** The ways every page is looked at. */
export const VIEWS: readonly View[] = [
  { name: 'light', width: 1440, height: 900, scheme: 'light' },
  { name: 'dark', width: 1440, height: 900, scheme: 'dark' },
  { name: 'phone', width: 390, height: 844, scheme: 'light' },
];

/** A fresh context in one of the views. */
export function openView(browser: Browser, view: View): Promise<BrowserContext> {
  return browser.newContext({
    locale: 'en-US',
    viewport: { width: view.width, height: view.height },
    colorScheme: view.scheme,
    reducedMotion: 'reduce',
  });
}

interface Found {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

async function fromEnvironment(): Promise<Found | null> {
  const path = process.env.CHROME_PATH;
  return path === undefined ? null : { path, env: {} };
}

async function fromSystem(): Promise<Found | null> {
  const path = SYSTEM.find((candidate) => existsSync(candidate));
  return path === undefined ? null : { path, env: {} };
}

/**
 * The package unpacks into TMPDIR and reuses what lies there, across its own upgrades too; hence a folder with the version in its name, set
 * before the package is imported.
 */
async function fromPackage(): Promise<Found | null> {
  const folder = join(root, 'node_modules/@sparticuz/chromium');
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const cache = join(homedir(), '.cache', 'parallax', `chromium-${version}`);
  mkdirSync(cache, { recursive: true });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = cache;
  try {
    const { default: packaged, inflate } = await import('@sparticuz/chromium');
    const path = await packaged.executablePath();
    await inflate(join(folder, 'bin/al2023.tar.br'));
    // The package's own font settings name folders of the service it was made for; a browser that finds no font at all aborts.
    const fonts = join(cache, 'fontconfig');
    mkdirSync(fonts, { recursive: true });
    writeFileSync(
      join(fonts, 'fonts.conf'),
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${join(cache, 'fonts')}</dir><cachedir>${join(cache, 'fonts-cache')}</cachedir></fontconfig>`,
    );
    return { path, env: { LD_LIBRARY_PATH: join(cache, 'al2023/lib'), FONTCONFIG_PATH: fonts } };
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
