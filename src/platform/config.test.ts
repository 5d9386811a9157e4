import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const GOOD = { ENVIRONMENT: 'production', KEY_SIGNING_SECRET: 'x'.repeat(32) };

describe('settings', () => {
  it('of Stripe belong together, take several webhook secrets, and lead to no stand-in in production', () => {
    const keys = { STRIPE_SECRET_KEY: 'sk_1', STRIPE_WEBHOOK_SECRET: 'whsec_2, whsec_1' };
    expect(readConfig(GOOD, []).stripe).toBeUndefined();
    expect(readConfig({ ...GOOD, ...keys }, []).stripe).toMatchObject({
      secretKey: 'sk_1',
      webhookSecrets: ['whsec_2', 'whsec_1'],
      apiUrl: undefined,
    });
    for (const half of Object.entries(keys))
      expect(() => readConfig({ ...GOOD, ...Object.fromEntries([half]) }, [])).toThrow(
        /STRIPE_.* is missing/,
      );
    const standIn = { ...GOOD, ...keys, STRIPE_API_URL: 'http://127.0.0.1:1' };
    expect(() => readConfig(standIn, [])).toThrow(/STRIPE_API_URL/);
    expect(readConfig({ ...standIn, ENVIRONMENT: 'dev' }, []).stripe?.apiUrl).toBe('http://127.0.0.1:1');
  });

  it('are read once, with defaults, and only the provider settings that are known', () => {
    const config = readConfig({ ...GOOD, OPENAI_API_KEY: ' key ', EMPTY: '', OTHER: 'x' }, [
      'OPENAI_API_KEY',
      'EMPTY',
    ]);
    expect(config).toMatchObject({ environment: 'production', runRetentionDays: 30, catalogSync: true });
    expect(config.providerSettings).toEqual({ OPENAI_API_KEY: 'key' });
  });

  it('name each missing or wrong one, say where to set it, and never show a value', () => {
    const read = () =>
      readConfig(
        {
          ENVIRONMENT: 'moon',
          KEY_SIGNING_SECRET: 'short-secret',
          RUN_RETENTION_DAYS: 'soon',
          PUBLIC_URL: 'ftp://x',
        },
        [],
      );
    expect(read).toThrow(ConfigError);
    try {
      read();
    } catch (error) {
      const { message } = error as Error;
      for (const name of [
        'ENVIRONMENT',
        'KEY_SIGNING_SECRET',
        'RUN_RETENTION_DAYS',
        'PUBLIC_URL',
        '.dev.vars',
      ]) {
        expect(message).toContain(name);
      }
      expect(message).not.toContain('short-secret');
    }
  });
});
