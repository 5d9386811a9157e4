import type { Clock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { Logger } from '../../platform/log.ts';
import { authorize } from './authorize.ts';
import type { HealthCheck, ProviderDefinition } from './definition.ts';
import { baseUrl, fill, isOverridden, withDefaults } from './endpoint.ts';
import { createGoogleTokens, type GoogleTokens } from './google-token.ts';
import type { HealthCheckResult } from './health.ts';
import type { HealthNamespace } from './health-reporter.ts';
import { type ProviderKey, platformKeySource } from './provider-key.ts';
import { PROVIDERS } from './table.ts';

export interface CheckOptions {
  /** Milliseconds a provider has for its answer. */
  readonly timeoutMs?: number;
  readonly googleTokens?: GoogleTokens;
}

export interface CheckedProvider {
  readonly provider: string;
  readonly result: HealthCheckResult;
}

/** What nearly every provider answers cheaply, and only to a good key. */
const LIST_MODELS: HealthCheck = { kind: 'get', path: '/models' };

const CHECK_TIMEOUT_MS = 8_000;
/** The platform lets six connections of an invocation wait for their headers; a seventh would wait for the slowest. */
const AT_ONCE = 6;

/**
 * Asks every provider that this deployment can use whether it works, six at a time, and tells each one's `ProviderHealth`. Called by
 * cron; costs no tokens. One provider's trouble, or its object's, does not keep the others from being checked.
 */
export async function checkProviders(
  env: { readonly PROVIDER_HEALTH: HealthNamespace },
  config: Config,
  clock: Clock,
  log: Logger,
  options: CheckOptions = {},
): Promise<readonly CheckedProvider[]> {
  const keyOf = platformKeySource(config);
  const waiting = [...PROVIDERS];
  const checked: CheckedProvider[] = [];
  const worker = async () => {
    for (let provider = waiting.shift(); provider !== undefined; provider = waiting.shift()) {
      const key = await keyOf(provider);
      if (key === undefined) continue;
      const result = await checkProvider(provider, key, clock, options);
      checked.push({ provider: provider.id, result });
      try {
        await env.PROVIDER_HEALTH.getByName(provider.id).recordCheck(result);
      } catch (cause) {
        log.warn('a provider check was not recorded', { provider: provider.id, cause });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return checked;
}

/** One active check with this key. Never throws. */
export async function checkProvider(
  provider: ProviderDefinition,
  key: ProviderKey,
  clock: Clock,
  { timeoutMs = CHECK_TIMEOUT_MS, googleTokens = createGoogleTokens(clock) }: CheckOptions = {},
): Promise<HealthCheckResult> {
  const startedAt = clock.now();
  const error = await ask(provider, key, { clock, timeoutMs, googleTokens });
  return { ok: error === null, at: clock.now(), latencyMs: clock.now() - startedAt, error };
}

/** Null when the provider is well, else a sentence. */
async function ask(
  provider: ProviderDefinition,
  key: ProviderKey,
  { clock, timeoutMs, googleTokens }: Required<CheckOptions> & { readonly clock: Clock },
): Promise<string | null> {
  const { url, authorized } = checkRequest(provider, key);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const plain = {
      accept: 'application/json',
      'user-agent': 'parallax',
      ...(provider.wire === 'anthropic-messages' ? { 'anthropic-version': '2023-06-01' } : {}),
    };
    const headers = authorized
      ? await authorize(
          provider,
          provider.wire,
          key,
          { method: 'GET', url, headers: plain },
          { clock, googleTokens, signal },
        )
      : plain;
    const response = await fetch(url, { headers, redirect: 'manual', signal });
    await response.body?.cancel();
    return verdict(response.status, authorized);
  } catch {
    // What is thrown can quote the address or a key; that it did not answer is all there is to say.
    return signal.aborted ? `No answer within ${timeoutMs} ms.` : 'No connection.';
  }
}

/** What is asked for a check, and whether with the key. */
export function checkRequest(
  provider: ProviderDefinition,
  key: Pick<ProviderKey, 'settings'>,
): { readonly url: string; readonly authorized: boolean } {
  const check = provider.check ?? LIST_MODELS;
  const settings = withDefaults(provider, key.settings);
  const base = baseUrl(provider, provider.wire, settings) ?? '';
  if (check.kind === 'get')
    return { url: checkUrl(provider, base, check.path, settings.AZURE_OPENAI_API_VERSION), authorized: true };
  if (check.kind === 'get_url' && !isOverridden(provider, settings))
    return { url: fill(check.url, settings), authorized: true };
  return { url: base, authorized: false };
}

/** Azure's dated API lists models beside its deployments. */
function checkUrl(
  provider: ProviderDefinition,
  base: string,
  path: string,
  version: string | undefined,
): string {
  const dated = provider.dialect === 'azure' && version !== undefined && /^\d{4}-\d{2}-\d{2}/.test(version);
  return dated
    ? `${base.replace(/\/v1$/, '')}${path}?api-version=${encodeURIComponent(version)}`
    : base + path;
}

function verdict(status: number, authorized: boolean): string | null {
  if (!authorized) return status < 500 ? null : `Answered with status ${status}.`;
  if (status >= 200 && status < 300) return null;
  if (status === 401 || status === 403) return 'The key was not accepted.';
  return `Answered with status ${status}.`;
}
