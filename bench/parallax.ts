import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertV4MiniflareOptions, type MiniflareOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { startWorkerProcess, type WorkerProcess } from './workerd/worker-process.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
export const OPERATOR_TOKEN = 'bench-only-operator-token-0123456789abcdef';

/** How wrangler types the modules of a bundle, by what their names end in. */
const MODULE_TYPES = { js: 'ESModule', wasm: 'CompiledWasm', bin: 'Data', txt: 'Text', sql: 'Text' } as const;

/** The production bundle, running, with a tenant and its key. */
export interface Parallax extends WorkerProcess {
  readonly key: string;
  /** Keys of so many further tenants. */
  keys(count: number): Promise<string[]>;
}

export interface ParallaxOptions {
  /** Beside those of the environment. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether workerd's inspector listens, for a profile; off where anything is measured. */
  readonly inspect?: boolean;
  /** False leaves what is queued in the queue. */
  readonly consumer?: boolean;
}

/**
 * Starts the very bundle that would be deployed (`npm run bundle`) with the bindings that wrangler.toml declares for production and an
 * empty database with its migrations.
 */
export async function startParallax({
  settings,
  inspect,
  consumer = true,
}: ParallaxOptions): Promise<Parallax> {
  const worker = await startWorkerProcess({
    ...productionOptions(settings, consumer),
    ...(inspect ? { inspectorPort: 0 } : {}),
  });
  try {
    await migrate(worker);
    const keys = async (count: number) => {
      const made: string[] = [];
      for (let n = 0; n < count; n++) made.push(await makeKey(worker.url, `bench-${n}@example.com`));
      return made;
    };
    return { ...worker, key: await makeKey(worker.url, 'bench@example.com'), keys };
  } catch (error) {
    await worker.dispose();
    throw error;
  }
}

function productionOptions(settings: Readonly<Record<string, string>>, consumer: boolean): MiniflareOptions {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(root, 'wrangler.toml'), 'production');
  // Assets would put Miniflare's router before the Worker; no measured route reaches them.
  const { assets: _assets, modulesRules: _rules, ...declared } = workerOptions;
  return convertV4MiniflareOptions({
    workers: [
      {
        ...declared,
        ...(consumer ? {} : { queueConsumers: {} }),
        name: 'parallax',
        rootPath: bundleFolder(),
        modules: bundleModules(),
        bindings: {
          ...(declared.bindings ?? {}),
          KEY_SIGNING_SECRET: 'bench-only-key-signing-secret-0123456789',
          OPERATOR_TOKEN,
          CATALOG_SYNC: 'off',
          ...settings,
        },
      },
    ],
  });
}

function bundleFolder(): string {
  const folder = join(root, 'dist/bundle');
  if (!existsSync(join(folder, 'worker.js'))) throw new Error('Build the bundle first: npm run bundle');
  return folder;
}

/** The entry first, then whatever modules lie beside it. */
function bundleModules() {
  const folder = bundleFolder();
  const names = readdirSync(folder).filter((name) => name !== 'worker.js');
  return ['worker.js', ...names].flatMap((name) => {
    const type = MODULE_TYPES[name.slice(name.lastIndexOf('.') + 1) as keyof typeof MODULE_TYPES];
    return type === undefined ? [] : [{ type, path: name, contents: readFileSync(join(folder, name)) }];
  });
}

async function migrate({ miniflare }: WorkerProcess): Promise<void> {
  const database = await miniflare.getD1Database('DB');
  const folder = join(root, 'migrations');
  const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  for (const file of files.sort()) {
    for (const statement of readFileSync(join(folder, file), 'utf8').split('--> statement-breakpoint')) {
      if (statement.trim() !== '') await database.prepare(statement).run();
    }
  }
}

async function makeKey(url: URL, email: string): Promise<string> {
  const response = await fetch(new URL('/v1/operator/tenants', url), {
    method: 'POST',
    headers: { authorization: `Bearer ${OPERATOR_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Bench', email }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { key } = (await response.json()) as { key: { key: string } };
  return key.key;
}
