import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { providerSettingNames } from '../../src/features/providers/index.ts';
import { readConfig } from '../../src/platform/config.ts';
import { createLocalModels } from '../../test/local-models/server.ts';
import { createLocalStripe } from '../../test/local-stripe/server.ts';
import { syncStripe } from '../stripe-sync.ts';
import { ensureDemoTenant, type LocalIdentity } from './identity.ts';
import { freePort, runTool, startTool, stopTool, waitFor } from './processes.ts';
import { localSecrets, readVars, writeVars } from './vars.ts';

export interface LocalServerOptions {
  readonly root: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Where secrets and `dev.json` are kept. */
  readonly folder: string;
  /** Where the local database and objects are kept. */
  readonly state: string;
  /** Provider keys and other settings; `.dev.vars` of the project. */
  readonly settings: Readonly<Record<string, string>>;
  /** Milliseconds between the local models' tokens. */
  readonly tokenDelayMs: number;
  readonly retryAfterSeconds: number;
  /** A built bundle to run as it is, instead of the source. */
  readonly bundle?: string;
  /** Lines that wrangler writes. */
  readonly onLine?: (line: string) => void;
}

export interface LocalServer extends LocalIdentity {
  readonly baseUrl: string;
  readonly mcpUrl: string;
  readonly operatorToken: string;
  readonly localModelsUrl: string;
  /** Null where the settings name the real one. */
  readonly localStripeUrl: string | null;
  /** Resolves when the Worker's process ends by itself. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/**
 * Everything that a running Parallax is on one machine: the local models, the database with its migrations, the Worker under
 * `wrangler dev`, a demo tenant with its keys. Throws with what went wrong, after stopping what it had started.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { root, folder, state } = options;
  // Before anything is written: a second start must not change the settings of the first.
  const port = await freePort(options.port);
  mkdirSync(folder, { recursive: true });
  mkdirSync(state, { recursive: true });
  const stripeSecret = `whsec_${crypto.randomUUID()}`;
  // Where the settings name a real Stripe, that one is used.
  const stripe =
    options.settings.STRIPE_SECRET_KEY === undefined
      ? await createLocalStripe({ webhookSecret: stripeSecret })
      : null;
  const models = await createLocalModels({
    port: 0,
    tokenDelayMs: options.tokenDelayMs,
    retryAfterSeconds: options.retryAfterSeconds,
  });
  try {
    const vars = {
      ENVIRONMENT: 'dev',
      ...localSecrets(folder),
      LOCAL_MODELS_URL: models.url,
      ...(stripe === null
        ? {}
        : {
            STRIPE_SECRET_KEY: 'sk_test_local',
            STRIPE_WEBHOOK_SECRET: stripeSecret,
            STRIPE_API_URL: stripe.url,
          }),
      // One person who tries everything at once, and programs that do: the plans' own rates would only be in their way.
      LIMIT_REQUESTS_PER_MINUTE: '6000',
      LIMIT_TOKENS_PER_MINUTE: '100000000',
      LIMIT_PERSPECTIVES_PER_HOUR: '6000',
      TENANT_CREDIT_USD: '100',
      ...options.settings,
    };
    // The same check as the Worker's, before it starts: a wrong setting is named here and nothing is started.
    const config = readConfig(vars, providerSettingNames);
    writeVars(join(folder, 'run.vars'), vars);

    await runTool(root, 'wrangler/bin/wrangler.js', [
      'd1',
      'migrations',
      'apply',
      'DB',
      '--local',
      '--persist-to',
      state,
    ]);
    const inspector = await freePort();
    const worker = startTool(
      root,
      'wrangler/bin/wrangler.js',
      [
        'dev',
        ...(options.bundle === undefined ? [] : [options.bundle, '--no-bundle']),
        ...['--port', String(port), '--ip', '127.0.0.1', '--inspector-port', String(inspector)],
        ...['--persist-to', state, '--env-file', join(folder, 'run.vars')],
        ...['--local', '--show-interactive-dev-session=false', '--log-level', 'warn'],
      ],
      'pipe',
    );
    let output = '';
    let endedWith: string | null = null;
    const listen = (data: Buffer) => {
      output = (output + data.toString()).slice(-20_000);
      for (const line of data.toString().split('\n')) if (line.trim() !== '') options.onLine?.(line);
    };
    worker.stdout?.on('data', listen);
    worker.stderr?.on('data', listen);
    const ended = new Promise<string>((resolve) => {
      worker.on('close', (code) => {
        endedWith = `the Worker ended with ${code}:\n${output}`;
        resolve(endedWith);
      });
    });
    const close = async () => {
      await stopTool(worker);
      await models.close();
      await stripe?.close();
      // It holds provider keys, and nobody needs it any more.
      rmSync(join(folder, 'run.vars'), { force: true });
    };
    try {
      const baseUrl = `http://127.0.0.1:${port}`;
      await waitFor(`${baseUrl}/health`, 60_000, () => endedWith);
      if (stripe !== null) {
        await syncStripe({ key: 'sk_test_local', apiUrl: stripe.url, write: true });
        stripe.deliverTo(`${baseUrl}/webhooks/stripe`);
      }
      const operatorToken = config.operatorToken ?? '';
      const identity = await ensureDemoTenant({ baseUrl, operatorToken, file: join(folder, 'dev.json') });
      return {
        ...identity,
        baseUrl,
        mcpUrl: `${baseUrl}/mcp`,
        operatorToken,
        localModelsUrl: models.url,
        localStripeUrl: stripe?.url ?? null,
        ended,
        close,
      };
    } catch (error) {
      await stopTool(worker);
      throw error;
    }
  } catch (error) {
    await models.close();
    await stripe?.close();
    throw error;
  }
}

/** The project's `.dev.vars`, and a running Ollama when there is one and the file does not say otherwise. */
export async function projectSettings(root: string): Promise<Record<string, string>> {
  const settings = readVars(join(root, '.dev.vars'));
  if (settings.OLLAMA_BASE_URL === undefined) {
    const url = 'http://127.0.0.1:11434';
    const found = await fetch(`${url}/api/tags`, { signal: AbortSignal.timeout(300) }).then(
      (response) => response.ok,
      () => false, // No Ollama here, which is the usual case.
    );
    if (found) settings.OLLAMA_BASE_URL = url;
  }
  return settings;
}

/** Builds the pages unless they are built. */
export async function ensurePages(root: string): Promise<void> {
  if (existsSync(join(root, 'dist/web/index.html'))) return;
  await runTool(root, 'vite/bin/vite.js', ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn']);
}
