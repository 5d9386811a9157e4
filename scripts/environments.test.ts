import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { experimental_readRawConfig } from 'wrangler';

/** Bindings of an environment replace those at the top level; one that is forgotten is missing only when deployed. */
describe('wrangler.toml', () => {
  const { rawConfig } = experimental_readRawConfig({ config: 'wrangler.toml' });
  const production = rawConfig.env?.production;

  it.each([
    'assets',
    'd1_databases',
    'durable_objects',
    'migrations',
    'queues',
    'analytics_engine_datasets',
    'ratelimits',
    'triggers',
    'observability',
  ] as const)('has the same %s in production as locally', (key) => {
    expect(production?.[key]).toEqual(rawConfig[key]);
  });

  it('differs in the environment’s name alone', () => {
    expect(rawConfig.vars).toEqual({ ENVIRONMENT: 'dev' });
    expect(production?.vars).toEqual({ ENVIRONMENT: 'production' });
  });

  it('holds no secret', () => {
    expect(readFileSync('wrangler.toml', 'utf8')).not.toMatch(/(?:SECRET|TOKEN|KEY)\s*=/);
  });
});
