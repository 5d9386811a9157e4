import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** `npm run soak`: the real ledgers in workerd, told very much while they crash. Not part of `npm test`. */
export default defineConfig({
  plugins: [
    cloudflareTest(async () => ({
      remoteBindings: false,
      wrangler: { configPath: './wrangler.toml' },
      miniflare: {
        bindings: {
          ENVIRONMENT: 'test',
          KEY_SIGNING_SECRET: 'test-only-key-signing-secret-0123456789',
          CATALOG_SYNC: 'off',
          TENANT_CREDIT_USD: '1',
          SOAK_OPERATIONS: process.env.SOAK_OPERATIONS ?? '50000',
          SOAK_SEED: process.env.SOAK_SEED ?? String(Date.now() % 1_000_000),
          TEST_MIGRATIONS: await readD1Migrations('migrations'),
        },
      },
    })),
  ],
  test: {
    name: 'soak',
    include: ['test/soak/**/*.test.ts'],
    setupFiles: ['./test/setup/migrations.ts'],
    testTimeout: 1_800_000,
    reporters: ['default'],
  },
});
