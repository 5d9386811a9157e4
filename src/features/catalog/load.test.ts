import { describe, expect, it } from 'vitest';
import { type Config, readConfig } from '../../platform/config.ts';
import { createLogger } from '../../platform/log.ts';
import { providerSettingNames } from '../providers/index.ts';
import { type CatalogReaders, forgetRows, loadCatalogWith, MAX_AGE_MS } from './load.ts';
import type { Model } from './model.ts';
import { type OverlayRow, unlisted } from './overlay.ts';

function settings(more: Record<string, string> = {}): Config {
  return readConfig(
    {
      ENVIRONMENT: 'test',
      KEY_SIGNING_SECRET: 'x'.repeat(32),
      LOCAL_MODELS_URL: 'http://127.0.0.1:1',
      ...more,
    },
    providerSettingNames,
  );
}

/** A database and model servers whose answers a test sets. */
function surroundings() {
  const lines: string[] = [];
  const state = {
    rows: [] as OverlayRow[],
    failing: false,
    asked: [] as number[],
    discovered: new Map<string, readonly Model[]>(),
    lines,
    now: 1_000_000_000_000,
  };
  const readers: CatalogReaders = {
    rowsAfter: async (revision) => {
      state.asked.push(revision);
      if (state.failing) throw new Error('D1 is away');
      return state.rows.filter((row) => row.revision > revision);
    },
    discover: async () => state.discovered,
    log: createLogger({}, (_, line) => lines.push(line)),
  };
  const clock = { now: () => state.now };
  return { state, readers, clock };
}

const named = (id: string, name: string, revision: number): OverlayRow => ({
  source: 'operator',
  id,
  fields: JSON.stringify({ name }),
  revision,
});

describe('the catalog of an isolate', () => {
  it('is read once a minute, and then only what is new', async () => {
    const { state, readers, clock } = surroundings();
    const config = settings();
    state.rows = [named('local/swift', 'One', 3)];
    const first = await loadCatalogWith(config, clock, readers);
    expect(first.find('local/swift')?.name).toBe('One');
    state.rows = [...state.rows, named('local/sage', 'Two', 7)];
    state.now += MAX_AGE_MS - 1;
    expect(await loadCatalogWith(config, clock, readers)).toBe(first);
    expect(state.asked).toEqual([0]);
    state.now += 1;
    const second = await loadCatalogWith(config, clock, readers);
    expect(second.find('local/sage')?.name).toBe('Two');
    expect(second.find('local/swift')?.name).toBe('One');
    state.now += MAX_AGE_MS;
    expect(await loadCatalogWith(config, clock, readers)).toBe(second);
    expect(state.asked).toEqual([0, 3, 7]);
  });

  it('is read again at once where a row was just written', async () => {
    const { state, readers, clock } = surroundings();
    const config = settings();
    await loadCatalogWith(config, clock, readers);
    state.rows = [named('local/swift', 'New', 1)];
    forgetRows(config);
    expect((await loadCatalogWith(config, clock, readers)).find('local/swift')?.name).toBe('New');
  });

  it('serves the bundled models when the database is away, says so, and asks again soon', async () => {
    const { state, readers, clock } = surroundings();
    const config = settings();
    state.failing = true;
    const catalog = await loadCatalogWith(config, clock, readers);
    expect(catalog.find('anthropic/claude-opus-5')).toBeDefined();
    expect(catalog.find('local/swift')?.name).toBe('Swift');
    expect(state.lines.join()).toContain('could not be read');
    await loadCatalogWith(config, clock, readers);
    expect(state.asked).toHaveLength(1);
    state.failing = false;
    state.rows = [named('local/swift', 'Back', 1)];
    state.now += 10_000;
    expect((await loadCatalogWith(config, clock, readers)).find('local/swift')?.name).toBe('Back');
  });

  it('keeps what it knew when the database goes away later', async () => {
    const { state, readers, clock } = surroundings();
    const config = settings();
    state.rows = [named('local/swift', 'Known', 1)];
    await loadCatalogWith(config, clock, readers);
    state.failing = true;
    state.now += MAX_AGE_MS;
    expect((await loadCatalogWith(config, clock, readers)).find('local/swift')?.name).toBe('Known');
  });

  it('lets one request read while the others go on with what is there', async () => {
    const { state, readers, clock } = surroundings();
    const config = settings();
    await loadCatalogWith(config, clock, readers);
    state.now += MAX_AGE_MS;
    await Promise.all([1, 2, 3].map(() => loadCatalogWith(config, clock, readers)));
    expect(state.asked).toHaveLength(2);
  });

  it('has what the model servers say, and follows them', async () => {
    const { state, readers, clock } = surroundings();
    const config = settings({ OLLAMA_BASE_URL: 'http://127.0.0.1:1' });
    state.discovered = new Map([['ollama', [unlisted('ollama/a')]]]);
    const catalog = await loadCatalogWith(config, clock, readers);
    expect(catalog.find('ollama/a')).toBeDefined();
    state.discovered = new Map([['ollama', [unlisted('ollama/b')]]]);
    state.now += MAX_AGE_MS;
    const later = await loadCatalogWith(config, clock, readers);
    expect([later.find('ollama/a'), later.find('ollama/b')?.id]).toEqual([undefined, 'ollama/b']);
  });

  it('changes its prices at the hour at which they change, not a minute later', async () => {
    const { state, readers, clock } = surroundings();
    const config = settings();
    const input = async () =>
      (await loadCatalogWith(config, clock, readers)).find('deepseek/deepseek-v4-pro')?.prices?.input;
    state.now = Date.parse('2026-11-20T00:59:59.990Z');
    expect(await input()).toBe(660_000_000);
    state.now += 10;
    expect(await input()).toBe(1_320_000_000);
  });

  it('is another for other settings', async () => {
    const { readers, clock } = surroundings();
    const one = await loadCatalogWith(settings(), clock, readers);
    const two = await loadCatalogWith(settings({ ANTHROPIC_API_KEY: 'k' }), clock, readers);
    expect(one.defaultTrio().map(({ provider }) => provider)).toEqual(['local', 'local', 'local']);
    expect(two.defaultTrio().map(({ provider }) => provider)).toEqual([
      'anthropic',
      'anthropic',
      'anthropic',
    ]);
  });
});
