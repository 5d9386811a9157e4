import { z } from 'zod';
import type { Tier } from '../../contracts/models.ts';
import type { Logger } from '../../platform/log.ts';
import { fetchJson } from './bounded-json.ts';
import { NO_CHARGE } from './local.ts';
import type { Model } from './model.ts';
import { unlisted } from './overlay.ts';

/** A server on one's own network answers at once or is away. */
const TIMEOUT_MS = 1_000;
const MAX_BYTES = 1024 * 1024;
const MAX_MODELS = 500;

/** Ollama's list of what it has downloaded ("List local models", `GET /api/tags`). */
const ollamaSchema = z.object({
  models: z.array(
    z.object({
      name: z.string().min(1).max(200),
      details: z.object({ parameter_size: z.string().optional() }).nullish(),
    }),
  ),
});

/** OpenAI's list of models, as compatible servers give it. */
const openAiListSchema = z.object({ data: z.array(z.object({ id: z.string().min(1).max(200) })) });

type Settings = Readonly<Record<string, string>>;

export interface DiscoverOptions {
  readonly settings: Settings;
  readonly log: Logger;
  readonly timeoutMs?: number;
}

/**
 * Models that only their servers know of: Ollama's, a LiteLLM proxy's, and those of an OpenAI-compatible server (unless COMPATIBLE_MODELS
 * names them, separated by commas). A server that is away or answers something else has the models that `before` says, by provider; none at first.
 */
export async function discoverModels(
  { settings, log, timeoutMs = TIMEOUT_MS }: DiscoverOptions,
  before: ReadonlyMap<string, readonly Model[]> = new Map(),
): Promise<Map<string, readonly Model[]>> {
  const found = new Map<string, readonly Model[]>();
  await Promise.all(
    questionsFor(settings).map(async ({ provider, ask }) => {
      try {
        found.set(provider, (await ask(timeoutMs)).slice(0, MAX_MODELS));
      } catch (error) {
        log.warn('a server did not say which models it has', { provider, error });
        found.set(provider, before.get(provider) ?? []);
      }
    }),
  );
  return found;
}

interface Question {
  readonly provider: string;
  readonly ask: (timeoutMs: number) => Promise<Model[]>;
}

function questionsFor(settings: Settings): Question[] {
  const { OLLAMA_BASE_URL: ollama, LITELLM_BASE_URL: litellm, COMPATIBLE_BASE_URL: compatible } = settings;
  const questions: Question[] = [];
  if (ollama !== undefined)
    questions.push({ provider: 'ollama', ask: (timeoutMs) => ollamaModels(ollama, timeoutMs) });
  if (litellm !== undefined) {
    const url = `${trimmed(litellm).replace(/\/v1$/, '')}/v1/models`;
    questions.push({
      provider: 'litellm',
      ask: (timeoutMs) => listedModels('litellm', url, settings.LITELLM_API_KEY, timeoutMs),
    });
  }
  if (compatible !== undefined) {
    const named = settings.COMPATIBLE_MODELS?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    questions.push({
      provider: 'compatible',
      ask: async (timeoutMs) =>
        named === undefined
          ? listedModels(
              'compatible',
              `${trimmed(compatible)}/models`,
              settings.COMPATIBLE_API_KEY,
              timeoutMs,
            )
          : named.map((name) => unlisted(`compatible/${name}`)),
    });
  }
  return questions;
}

async function ollamaModels(baseUrl: string, timeoutMs: number): Promise<Model[]> {
  const url = `${trimmed(baseUrl).replace(/\/v1$/, '')}/api/tags`;
  const { models } = ollamaSchema.parse(await fetchJson(url, { timeoutMs, maxBytes: MAX_BYTES }));
  return models.map(({ name, details }) => ({
    ...unlisted(`ollama/${name}`, { prices: NO_CHARGE }),
    tier: tierBySize(details?.parameter_size),
    // Whatever was downloaded is what the person has; no maker's calendar takes it away.
    deprecated: false,
    aliases: name.endsWith(':latest') ? [`ollama/${name.slice(0, -':latest'.length)}`] : [],
  }));
}

async function listedModels(
  provider: string,
  url: string,
  key: string | undefined,
  timeoutMs: number,
): Promise<Model[]> {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const { data } = openAiListSchema.parse(await fetchJson(url, { timeoutMs, maxBytes: MAX_BYTES, headers }));
  return data.map(({ id }) => unlisted(`${provider}/${id}`));
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Ollama says sizes as `7.6B` or `270M`: among models on one's own machine, size is what tells the tiers apart. */
function tierBySize(size: string | undefined): Tier {
  const [, number, unit] = /^([\d.]+)\s*([MBT])/.exec(size ?? '') ?? [];
  if (number === undefined) return 'normal';
  const billions = Number(number) * (unit === 'M' ? 0.001 : unit === 'T' ? 1000 : 1);
  if (billions < 8) return 'eco';
  return billions < 60 ? 'normal' : 'premium';
}
