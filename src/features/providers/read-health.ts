import type { Logger } from '../../platform/log.ts';
import { type HealthSummary, NOTHING_KNOWN, type ProviderHealthStub } from './health.ts';

/** A summary this young is shown again without asking: the numbers cover five minutes. */
const KEEP_MS = 5_000;
/** Longer than this nobody waits for statistics. */
const PATIENCE_MS = 1_500;

const kept = new Map<string, { readonly summary: HealthSummary; readonly until: number }>();

export interface ReadHealthOptions {
  readonly now: number;
  readonly log: Logger;
  /** Summaries of this isolate, by provider: as many as the table has rows. */
  readonly cache?: Map<string, { readonly summary: HealthSummary; readonly until: number }>;
}

/** The health of these providers by id. One whose object does not answer in time is as if nothing were known. */
export async function readHealth(
  namespace: { getByName(providerId: string): Pick<ProviderHealthStub, 'summary'> },
  providerIds: readonly string[],
  { now, log, cache = kept }: ReadHealthOptions,
): Promise<ReadonlyMap<string, HealthSummary>> {
  const summaries = await Promise.all(
    providerIds.map(async (id): Promise<readonly [string, HealthSummary]> => {
      const known = cache.get(id);
      if (known !== undefined && now < known.until) return [id, known.summary];
      try {
        const summary = await inTime(namespace.getByName(id).summary());
        cache.set(id, { summary, until: now + KEEP_MS });
        return [id, summary];
      } catch (cause) {
        log.warn('a provider’s health could not be read', { provider: id, cause });
        return [id, known?.summary ?? NOTHING_KNOWN];
      }
    }),
  );
  return new Map(summaries);
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
