import { afterEach, describe, expect, it } from 'vitest';
import { createLocalModels } from '../../../test/local-models/server.ts';
import { systemClock } from '../../platform/clock.ts';
import { createLogger } from '../../platform/log.ts';
import { configWith } from './call-fixture.ts';
import { checkProviders, checkRequest } from './check-providers.ts';
import type { HealthCheckResult } from './health.ts';
import { hostileServer } from './hostile-server.fixture.ts';
import { PROVIDERS, providerById } from './table.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** Objects that note what they are told; `broken` ones do not answer. */
function objects(broken: readonly string[] = []) {
  const recorded = new Map<string, HealthCheckResult>();
  const namespace = {
    getByName: (id: string) => ({
      report: async () => ({ limits: [] }),
      recordCheck: async (check: HealthCheckResult) => {
        if (broken.includes(id)) throw new Error('overloaded');
        recorded.set(id, check);
      },
      summary: () => Promise.reject(new Error('not asked here')),
    }),
  };
  return { recorded, env: { PROVIDER_HEALTH: namespace } };
}

const lines: string[] = [];
const log = createLogger({}, (_, line) => lines.push(line));
const check = (env: ReturnType<typeof objects>['env'], settings: Record<string, string>, timeoutMs = 2_000) =>
  checkProviders(env, configWith(settings), systemClock, log, { timeoutMs });

describe('the active check', () => {
  it('asks the providers that can be used, and no others, and records each', async () => {
    const server = await createLocalModels({ port: 0 });
    open.push(server);
    const { env, recorded } = objects();
    const settings = {
      LOCAL_MODELS_URL: server.url,
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: `${server.url}/v1`,
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: server.url,
      GEMINI_API_KEY: 'k',
      GEMINI_BASE_URL: server.url,
    };
    const checked = await check(env, settings);
    expect([...recorded.keys()].sort()).toEqual(['anthropic', 'google', 'local', 'openai']);
    expect(checked).toHaveLength(4);
    for (const result of recorded.values()) expect(result).toMatchObject({ ok: true, error: null });
  });

  it.each([
    [401, 'The key was not accepted.'],
    [500, 'Answered with status 500.'],
    [302, 'Answered with status 302.'],
  ])('that is answered with status %i has failed: %s', async (status, error) => {
    const server = await hostileServer((_, response) => {
      response.writeHead(status, { location: 'http://127.0.0.1:9/' });
      response.end('the key is sk-platform-secret');
    });
    open.push(server);
    const { env, recorded } = objects();
    await check(env, { OPENAI_API_KEY: 'sk-platform-secret', OPENAI_BASE_URL: server.url });
    expect(recorded.get('openai')).toMatchObject({ ok: false, error });
    expect(server.seen).toHaveLength(1);
  });

  it('is bounded in time, and one that hangs or cannot be recorded keeps none of the others from it', async () => {
    const silent = await hostileServer(() => undefined);
    const local = await createLocalModels({ port: 0 });
    open.push(silent, local);
    const { env, recorded } = objects(['anthropic']);
    const settings = {
      OPENAI_API_KEY: 'k',
      OPENAI_BASE_URL: silent.url,
      ANTHROPIC_API_KEY: 'k',
      ANTHROPIC_BASE_URL: local.url,
      LOCAL_MODELS_URL: local.url,
    };
    const checked = await check(env, settings, 60);
    expect(recorded.get('openai')).toMatchObject({ ok: false, error: 'No answer within 60 ms.' });
    expect(recorded.get('local')?.ok).toBe(true);
    expect(checked.map((one) => one.provider).sort()).toEqual(['anthropic', 'local', 'openai']);
    expect(lines.join()).toContain('a provider check was not recorded');
  });

  it('of a provider that is not there says so and quotes no address', async () => {
    const { env, recorded } = objects();
    await check(env, { LOCAL_MODELS_URL: 'http://127.0.0.1:9' });
    expect(recorded.get('local')).toMatchObject({ ok: false, error: 'No connection.' });
  });

  it('never has more than six under way', async () => {
    let now = 0;
    let most = 0;
    const server = await hostileServer((_, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.end('{}');
      }, 15);
    });
    open.push(server);
    const settings: Record<string, string> = {};
    for (const provider of PROVIDERS) {
      settings[provider.originSetting] = server.url;
      if ('setting' in provider.authentication && provider.authentication.kind !== 'google_service_account')
        settings[provider.authentication.setting] = 'k';
    }
    const { env } = objects();
    const checked = await check(env, settings);
    expect(checked.length).toBeGreaterThan(15);
    expect(most).toBeLessThanOrEqual(6);
    expect(most).toBeGreaterThan(1);
  });
});

describe('what is asked', () => {
  const requestFor = (id: string, settings: Record<string, string>) => {
    const provider = providerById(id);
    if (provider === undefined) throw new Error(`no provider ${id}`);
    return checkRequest(provider, { settings });
  };

  it.each([
    ['anthropic', {}, 'https://api.anthropic.com/v1/models?limit=1', true],
    ['openrouter', {}, 'https://openrouter.ai/api/v1/key', true],
    ['cohere', {}, 'https://api.cohere.com/v1/models?page_size=1', true],
    ['cohere', { COHERE_BASE_URL: 'http://127.0.0.1:1/v1' }, 'http://127.0.0.1:1/v1', false],
    [
      'workers_ai',
      { CLOUDFLARE_ACCOUNT_ID: 'acc' },
      'https://api.cloudflare.com/client/v4/accounts/acc/ai/models/search?per_page=1',
      true,
    ],
    [
      'aws_bedrock',
      { AWS_REGION: 'us-east-1' },
      'https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1',
      false,
    ],
    ['azure', { AZURE_OPENAI_ENDPOINT: 'https://r.example' }, 'https://r.example/openai/v1/models', true],
    [
      'azure',
      { AZURE_OPENAI_ENDPOINT: 'https://r.example', AZURE_OPENAI_API_VERSION: '2024-10-21' },
      'https://r.example/openai/models?api-version=2024-10-21',
      true,
    ],
  ])('of %s with %j is %s (with the key: %s)', (id, settings, url, authorized) => {
    expect(requestFor(id, settings)).toEqual({ url, authorized });
  });
});
