import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import { createLogger, type Logger } from '../../platform/log.ts';
import { within } from '../../platform/within.ts';
import { availability, PROVIDERS } from '../providers/index.ts';
import { bundledSource, type ModelSource } from './bundled/source.ts';
import { type Catalog, createCatalog } from './catalog.ts';
import { discoverModels } from './discover.ts';
import { LOCAL_MODELS } from './local.ts';
import type { Model } from './model.ts';
import type { OverlayRow } from './overlay.ts';
import { rowsAfter, rowsOf, writeRows } from './overlay-store.ts';
import { type SyncResult, syncModelsDev } from './sync.ts';

/** How old what was read from the database and from model servers may be, in milliseconds. */
export const MAX_AGE_MS = 60_000;
/** When the database is asked again after it did not answer. */
const RETRY_MS = 10_000;
/** How long a request waits for the database before it goes on with what is known. */
const DATABASE_TIMEOUT_MS = 1_500;

/** Most sets of further providers that an isolate keeps a catalog for. */
const MAX_WIDER = 50;

const PROVIDER_IDS: readonly string[] = PROVIDERS.map(({ id }) => id);

/** What one isolate knows of one deployment. */
interface Known {
  readonly rows: Map<string, OverlayRow>;
  revision: number;
  rowsCheckedAt: number;
  rowsRead: boolean;
  discovered: Map<string, readonly Model[]>;
  discoveredAt: number;
  discoveredOnce: boolean;
  catalog: Catalog | undefined;
  /** The bundled data that `catalog` was built from. */
  builtFrom: ModelSource | undefined;
  /** The same with more providers available, by their names: what tenants reach with keys of their own. */
  readonly wider: Map<string, Catalog>;
  /** What `wider` was built beside. */
  widerOf: Catalog | undefined;
}

/** By the settings object, of which a deployment's isolate has one (`configOf`). */
const known = new WeakMap<Config, Known>();

function knownOf(config: Config): Known {
  let state = known.get(config);
  if (state === undefined) {
    state = {
      rows: new Map(),
      revision: 0,
      rowsCheckedAt: Number.NEGATIVE_INFINITY,
      rowsRead: false,
      discovered: new Map(),
      discoveredAt: Number.NEGATIVE_INFINITY,
      discoveredOnce: false,
      catalog: undefined,
      builtFrom: undefined,
      wider: new Map(),
      widerOf: undefined,
    };
    known.set(config, state);
  }
  return state;
}

/** What a catalog is read from; injected in tests. */
export interface CatalogReaders {
  readonly rowsAfter: (revision: number) => Promise<OverlayRow[]>;
  readonly discover: (
    before: ReadonlyMap<string, readonly Model[]>,
  ) => Promise<Map<string, readonly Model[]>>;
  readonly log: Logger;
}

/**
 * The catalog of this deployment. It is kept in the isolate; once a minute one request reads what has changed in the database and asks the
 * model servers, while the others go on with what is there. Never fails: without the database the bundled models serve, and a
 * warning says so. `providers` are available besides the platform's, to who brings keys for them.
 */
export async function loadCatalog(
  env: Pick<Env, 'DB'>,
  config: Config,
  clock: Clock,
  providers: readonly string[] = [],
): Promise<Catalog> {
  const fresh = freshCatalog(config, clock.now());
  if (fresh !== undefined && providers.length === 0) return fresh;
  const log = createLogger({ part: 'catalog' });
  const catalog =
    fresh ??
    (await loadCatalogWith(config, clock, {
      rowsAfter: (revision) => rowsAfter(env.DB, revision),
      discover: (before) => discoverModels({ settings: config.providerSettings, log }, before),
      log,
    }));
  return providers.length === 0 ? catalog : catalogWith(knownOf(config), config, providers, log);
}

/** The catalog of who can also use these providers. Few sets of them exist, and each is worked out once. */
function catalogWith(state: Known, config: Config, providers: readonly string[], log: Logger): Catalog {
  const base = state.catalog;
  const source = state.builtFrom;
  if (base === undefined || source === undefined) throw new Error('the catalog was not loaded');
  const isAvailable = availabilityOf(config);
  const more = providers.filter((provider) => !isAvailable(provider)).sort();
  if (more.length === 0) return base;
  if (state.widerOf !== base) {
    state.wider.clear();
    state.widerOf = base;
  }
  const name = more.join(' ');
  let catalog = state.wider.get(name);
  if (catalog === undefined) {
    catalog = buildCatalog(
      state,
      source,
      config,
      (provider) => isAvailable(provider) || more.includes(provider),
      log,
    );
    if (state.wider.size >= MAX_WIDER) state.wider.delete(state.wider.keys().next().value ?? '');
    state.wider.set(name, catalog);
  }
  return catalog;
}

function buildCatalog(
  state: Known,
  bundled: ModelSource,
  config: Config,
  isAvailable: (provider: string) => boolean,
  log: Logger,
): Catalog {
  return createCatalog({
    bundled,
    extra: new Map([['local', LOCAL_MODELS], ...state.discovered]),
    rows: [...state.rows.values()],
    providers: PROVIDER_IDS,
    isAvailable,
    awsRegion: config.providerSettings.AWS_REGION,
    log,
  });
}

/** The catalog, when nothing of it is due to be read again: what nearly every request needs. */
function freshCatalog(config: Config, now: number): Catalog | undefined {
  const state = known.get(config);
  if (state === undefined || bundled === undefined || now >= bundled.validUntil) return undefined;
  const due = now - state.rowsCheckedAt >= MAX_AGE_MS || now - state.discoveredAt >= MAX_AGE_MS;
  return due || state.builtFrom !== bundled.source ? undefined : state.catalog;
}

/** `loadCatalog` with its readers given. */
export async function loadCatalogWith(
  config: Config,
  clock: Clock,
  readers: CatalogReaders,
): Promise<Catalog> {
  const state = knownOf(config);
  const now = clock.now();
  const [{ source }] = await Promise.all([
    bundledAt(now),
    refreshRows(state, now, readers),
    refreshDiscovered(state, now, readers),
  ]);
  if (state.catalog === undefined || state.builtFrom !== source) {
    state.builtFrom = source;
    state.catalog = buildCatalog(state, source, config, availabilityOf(config), readers.log);
  }
  return state.catalog;
}

/** Makes the next `loadCatalog` read what has changed, after a row was written here. */
export function forgetRows(config: Config): void {
  knownOf(config).rowsCheckedAt = Number.NEGATIVE_INFINITY;
}

/** Brings the rows of models.dev up to date, for cron. Throws what the database throws. */
export async function syncCatalog(
  env: Pick<Env, 'DB'>,
  config: Config,
  clock: Clock,
  log: Logger,
): Promise<SyncResult> {
  const { source } = await bundledAt(clock.now());
  const result = await syncModelsDev({
    target: {
      rows: () => rowsOf(env.DB, 'models.dev'),
      write: (changes, now) => writeRows(env.DB, 'models.dev', changes, now),
    },
    bundled: source,
    clock,
    log,
  });
  forgetRows(config);
  return result;
}

let bundled: ReturnType<typeof bundledSource> | undefined;

/** The bundled models at a time. The data is loaded when first used: a start-up does not pay for it. */
async function bundledAt(now: number): Promise<ReturnType<typeof bundledSource>> {
  if (bundled === undefined || now >= bundled.validUntil) {
    const { findProvider } = await import('@pydantic/genai-prices');
    bundled = bundledSource(findProvider, now);
  }
  return bundled;
}

async function refreshRows(state: Known, now: number, { rowsAfter, log }: CatalogReaders): Promise<void> {
  if (now - state.rowsCheckedAt < MAX_AGE_MS) return;
  // Set before waiting: the requests that come meanwhile go on with what is there. On the first time there is nothing, so all of them read.
  if (state.rowsRead) state.rowsCheckedAt = now;
  try {
    const rows = await within(DATABASE_TIMEOUT_MS, rowsAfter(state.revision));
    for (const row of rows) {
      const key = `${row.source} ${row.id}`;
      // Two requests may read at once, and the older answer may come last.
      if (row.revision >= (state.rows.get(key)?.revision ?? 0)) state.rows.set(key, row);
      state.revision = Math.max(state.revision, row.revision);
    }
    if (rows.length > 0) state.catalog = undefined;
    state.rowsCheckedAt = now;
  } catch (error) {
    log.warn('the catalog’s rows could not be read; it serves what it knows', { error });
    state.rowsCheckedAt = now - MAX_AGE_MS + RETRY_MS;
  }
  state.rowsRead = true;
}

async function refreshDiscovered(state: Known, now: number, { discover }: CatalogReaders): Promise<void> {
  if (now - state.discoveredAt < MAX_AGE_MS) return;
  if (state.discoveredOnce) state.discoveredAt = now;
  const discovered = await discover(state.discovered);
  if (!sameIds(discovered, state.discovered)) state.catalog = undefined;
  state.discovered = discovered;
  state.discoveredOnce = true;
  state.discoveredAt = now;
}

function sameIds(
  a: ReadonlyMap<string, readonly Model[]>,
  b: ReadonlyMap<string, readonly Model[]>,
): boolean {
  const ids = (models: ReadonlyMap<string, readonly Model[]>) =>
    JSON.stringify([...models].sort().map(([, list]) => list.map(({ id }) => id)));
  return ids(a) === ids(b);
}

function availabilityOf(config: Config): (provider: string) => boolean {
  const available = new Set(PROVIDER_IDS.filter((id) => availability(config, id).available));
  return (provider) => available.has(provider);
}
