import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

/** Secrets of the test run. They open nothing: each run has a database of its own. */
const testBindings = {
  ENVIRONMENT: 'test',
  KEY_SIGNING_SECRET: 'test-only-key-signing-secret-0123456789',
  OPERATOR_TOKEN: 'test-only-operator-token-0123456789abcdef',
  VAULT_MASTER_KEY: 'test-only-vault-master-key-0123456789abc',
  CATALOG_SYNC: 'off',
  GITHUB_CLIENT_ID: 'test-only-github-client',
  GITHUB_CLIENT_SECRET: 'test-only-github-secret',
};

/**
 * Libraries that are bundled once instead of being read module by module at the start of every test file, which is most of what a file costs. What imports
 * `node:*` (better-auth, the MCP servers) cannot be.
 */
const bundledOnce = [
  '@asteasolutions/zod-to-openapi',
  '@pydantic/genai-prices',
  'drizzle-orm',
  'drizzle-orm/d1',
  'drizzle-orm/sqlite-core',
  'hono',
  'hono/router',
  'hono/router/trie-router',
  'jose',
  'stripe',
  'zod',
];
const deps = { optimizer: { ssr: { enabled: true, include: bundledOnce } } };

/** The real entry in workerd, with real D1 and Durable Objects, over HTTP to the local models; with more settings where a project has its own. */
const inWorkerd = (
  more: (
    inject: (server: 'localModelsUrl' | 'localStripeUrl') => string,
  ) => Record<string, string> = () => ({}),
) =>
  cloudflareTest(async ({ inject }) => ({
    remoteBindings: false,
    wrangler: { configPath: './wrangler.toml' },
    miniflare: {
      bindings: {
        ...testBindings,
        LOCAL_MODELS_URL: inject('localModelsUrl'),
        ...more(inject),
        TEST_MIGRATIONS: await readD1Migrations('migrations'),
      },
    },
  }));

export default defineConfig({
  test: {
    // What the code logs is shown for the tests that fail.
    silent: 'passed-only',
    // A line of the log that comes while a file's runtime closes is lost, which is no failure of a test.
    onUnhandledError: ({ message }) => !message.includes('Closing rpc while "onUserConsoleLog" was pending'),
    // Every core: workerd, not this process, does most of the work.
    maxWorkers: '100%',
    projects: [
      {
        // Pure decisions, in Node: fast, no runtime needed.
        test: {
          name: 'unit',
          environment: 'node',
          // Properties are walked many times, also on a busy machine.
          testTimeout: 60_000,
          include: [
            'src/**/*.test.ts',
            'durable-objects/**/*.test.ts',
            'test/local-models/**/*.test.ts',
            'scripts/**/*.test.ts',
            'web/**/*.test.ts',
          ],
          exclude: ['**/*.worker.test.ts', '**/node_modules/**'],
        },
      },
      {
        plugins: [inWorkerd()],
        test: {
          name: 'worker',
          deps,
          include: [
            'src/**/*.worker.test.ts',
            'durable-objects/**/*.worker.test.ts',
            'test/worker/**/*.test.ts',
          ],
          globalSetup: ['./test/setup/local-models.ts'],
          setupFiles: ['./test/setup/migrations.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The same, on a deployment whose platform keys cost money: holds, charges, refusals. The providers' addresses are the local models.
        plugins: [
          inWorkerd((inject) => ({
            OPENAI_BASE_URL: `${inject('localModelsUrl')}/v1`,
            OPENAI_API_KEY: 'test-only-openai-key-0123456789',
            ANTHROPIC_BASE_URL: inject('localModelsUrl'),
            ANTHROPIC_API_KEY: 'test-only-anthropic-key-0123456789',
            TENANT_CREDIT_USD: '1',
            LIMIT_REQUESTS_PER_MINUTE: '600',
            LIMIT_CONCURRENT_REQUESTS: '40',
          })),
        ],
        test: {
          name: 'paid',
          deps,
          include: ['test/paid/**/*.test.ts'],
          globalSetup: ['./test/setup/local-models.ts'],
          setupFiles: ['./test/setup/migrations.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // A deployment that takes payments: its Stripe is the local one, whose events the tests deliver themselves. Its platform keys cost money, too.
        plugins: [
          inWorkerd((inject) => ({
            STRIPE_SECRET_KEY: 'sk_test_local',
            STRIPE_WEBHOOK_SECRET: 'whsec_new whsec_test',
            STRIPE_API_URL: inject('localStripeUrl'),
            OPENAI_BASE_URL: `${inject('localModelsUrl')}/v1`,
            OPENAI_API_KEY: 'test-only-openai-key-0123456789',
            ANTHROPIC_BASE_URL: inject('localModelsUrl'),
            ANTHROPIC_API_KEY: 'test-only-anthropic-key-0123456789',
          })),
        ],
        test: {
          name: 'billing',
          deps,
          include: ['test/billing/**/*.test.ts'],
          globalSetup: ['./test/setup/local-models.ts', './test/setup/local-stripe.ts'],
          setupFiles: ['./test/setup/migrations.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // A running server, real clients, a real browser.
        test: {
          name: 'end-to-end',
          environment: 'node',
          include: ['test/end-to-end/**/*.test.ts', 'test/conformance/**/*.test.ts'],
          globalSetup: ['./test/setup/server.ts'],
          fileParallelism: false,
          // After the others: a project with one worker of its own cannot share a group with them.
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
