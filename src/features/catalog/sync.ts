import type { Clock } from '../../platform/clock.ts';
import type { Logger } from '../../platform/log.ts';
import { fetchJson } from './bounded-json.ts';
import type { ModelSource } from './bundled/source.ts';
import { type ListedFields, readModelsDev } from './models-dev.ts';
import type { OverlayChange } from './overlay-store.ts';

export const MODELS_DEV_URL = 'https://models.dev/api.json';

/** The file was 1 MB in February 2026 and grows. */
const MAX_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 20_000;
/** A file with fewer than this part of the models that were known is taken for a broken one: nothing is taken back on its word. */
const LEAST_PART_KEPT = 0.5;

/** Where rows of models.dev are kept; D1 in a deployment. */
export interface SyncTarget {
  rows(): Promise<ReadonlyMap<string, string>>;
  write(changes: readonly OverlayChange[], now: number): Promise<void>;
}

export interface SyncOptions {
  readonly target: SyncTarget;
  readonly bundled: ModelSource;
  readonly clock: Clock;
  readonly log: Logger;
  /** Another address and other bounds, for tests. */
  readonly url?: string;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
}

export interface SyncResult {
  readonly written: number;
  readonly withdrawn: number;
}

/**
 * Brings the rows of models.dev up to date. Only differences are written. When the file cannot be fetched or read, the rows stay as they are,
 * and a warning says why: the catalog works without it. Throws only what the database throws.
 */
export async function syncModelsDev(options: SyncOptions): Promise<SyncResult> {
  const { target, bundled, clock, log } = options;
  let listed: ReturnType<typeof readModelsDev>;
  try {
    const file = await fetchJson(options.url ?? MODELS_DEV_URL, {
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      maxBytes: options.maxBytes ?? MAX_BYTES,
    });
    listed = readModelsDev(file);
  } catch (error) {
    log.warn('models.dev could not be read; the catalog stays as it is', { error });
    return { written: 0, withdrawn: 0 };
  }
  if (listed.unreadable > 0)
    log.warn('models.dev lists models that cannot be read', { count: listed.unreadable });
  const known = await target.rows();
  const { changes, withdrawn, suspicious } = differences(known, worthKeeping(listed.models, bundled));
  if (suspicious)
    log.warn('models.dev lists far fewer models than before; none was taken back', {
      known: known.size,
      listed: listed.models.length,
    });
  if (changes.length > 0) await target.write(changes, clock.now());
  const result = { written: changes.length - withdrawn, withdrawn };
  log.info('models.dev was read', result);
  return result;
}

/** Without other names for models that the bundled data has: dated ones, other spellings. They are found through their model. */
function worthKeeping(models: readonly ListedFields[], bundled: ModelSource): ListedFields[] {
  const ids = new Map<string, Set<string>>();
  const isListed = (provider: string, id: string) => {
    let known = ids.get(provider);
    if (known === undefined) {
      known = new Set(bundled.modelsOf(provider).map((model) => model.id));
      ids.set(provider, known);
    }
    return known.has(id);
  };
  return models.filter(({ id }) => {
    const provider = id.slice(0, id.indexOf('/'));
    return isListed(provider, id) || bundled.variant(provider, id.slice(provider.length + 1)) === undefined;
  });
}

/** What has to be written so that the rows say what the list says. */
export function differences(
  known: ReadonlyMap<string, string>,
  listed: readonly ListedFields[],
): { readonly changes: OverlayChange[]; readonly withdrawn: number; readonly suspicious: boolean } {
  const wanted = new Map(listed.map(({ id, fields }) => [id, JSON.stringify(fields)]));
  const changes: OverlayChange[] = [];
  for (const [id, fields] of wanted) if (known.get(id) !== fields) changes.push({ id, fields });
  const gone = [...known.keys()].filter((id) => !wanted.has(id));
  const suspicious = wanted.size < known.size * LEAST_PART_KEPT;
  if (suspicious) return { changes, withdrawn: 0, suspicious };
  for (const id of gone) changes.push({ id, fields: null });
  return { changes, withdrawn: gone.length, suspicious };
}
