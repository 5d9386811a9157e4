import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { providerSettingNames } from '../src/features/providers/index.ts';
import { readConfig } from '../src/platform/config.ts';
import {
  configFor,
  DATABASE,
  isMissingWorker,
  isQueueThere,
  OAUTH_NAMESPACE,
  queueNames,
} from './deploy-config.ts';
import { readVars } from './local/vars.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

const HELP = `npm run deploy [-- --plan] [-- --secrets FILE]

Provisions what Parallax needs in the Cloudflare account that wrangler is logged in to, applies the migrations, deploys, and looks at /health.
Safe to run again: what is there is kept.

  --plan           print each step and change nothing
  --secrets FILE   provider keys and other settings to set as secrets (NAME=value lines)`;

/** `npm run deploy`: see docs/deploy.md. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { plan: { type: 'boolean' }, secrets: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const plan = values.plan === true;
  const given = values.secrets === undefined ? {} : readVars(values.secrets);
  readConfig(
    { ENVIRONMENT: 'production', KEY_SIGNING_SECRET: 'checked-below-when-it-is-made-or-kept', ...given },
    providerSettingNames,
  );

  step('Build the pages', plan, () =>
    run('vite', 'vite/bin/vite.js', ['build', '--config', 'web/vite.config.ts']),
  );
  const accountKnown = plan || wranglerWorks(['whoami']);
  if (!accountKnown)
    throw new Error(
      'wrangler is not logged in. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN, and try again.',
    );

  let databaseId = '<the database’s id>';
  step(`Find or create the D1 database "${DATABASE}"`, plan, () => {
    databaseId = findDatabase() ?? createDatabase();
  });
  let namespaceId = '<the namespace’s id>';
  step(`Find or create the KV namespace "${OAUTH_NAMESPACE}"`, plan, () => {
    namespaceId = findNamespace() ?? createNamespace();
  });
  const toml = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  step(`Create the queues that are missing: ${queueNames(toml).join(', ')}`, plan, () => {
    for (const name of queueNames(toml)) createQueue(name);
  });
  const configPath = join(root, 'wrangler.deploy.toml');
  const secretsPath = join(root, '.parallax/deploy-secrets.json');
  try {
    step('Write the deploy configuration with its id', plan, () => {
      writeFileSync(configPath, configFor(toml, databaseId, namespaceId));
    });
    const config = ['--config', configPath, '--env', 'production'];
    step('Apply the migrations', plan, () =>
      wrangler(['d1', 'migrations', 'apply', 'DB', '--remote', ...config]),
    );
    step('Make the secrets that are missing, and deploy', plan, () => {
      const kept = secretNames(config);
      const made: Record<string, string> = { ...given };
      for (const name of ['KEY_SIGNING_SECRET', 'VAULT_MASTER_KEY', 'OPERATOR_TOKEN']) {
        if (!kept.includes(name)) made[name] ??= randomBytes(32).toString('base64url');
      }
      mkdirSync(join(root, '.parallax'), { recursive: true });
      writeFileSync(secretsPath, JSON.stringify(made), { mode: 0o600 });
      const withSecrets = Object.keys(made).length > 0 ? ['--secrets-file', secretsPath] : [];
      wrangler(['deploy', '--minify', ...config, ...withSecrets]);
      if (made.OPERATOR_TOKEN !== undefined && given.OPERATOR_TOKEN === undefined) {
        console.log(`\nThe operator's token, shown this once. Keep it safe:\n\n  ${made.OPERATOR_TOKEN}\n`);
      }
    });
  } finally {
    rmSync(configPath, { force: true });
    rmSync(secretsPath, { force: true });
  }
  if (plan) return;
  console.log(
    'Done. Make the first tenant: npm run operator -- create-tenant --url https://YOUR-WORKER --name "…" --email you@example.com',
  );
}

function step(name: string, plan: boolean, work: () => void): void {
  console.log(`${plan ? 'would ' : ''}${plan ? name.charAt(0).toLowerCase() + name.slice(1) : name}`);
  if (!plan) work();
}

function wrangler(args: readonly string[]): string {
  return run('wrangler', 'wrangler/bin/wrangler.js', args);
}

/** Runs a tool of node_modules; its errors go to the terminal. */
function run(_name: string, path: string, args: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'node_modules', path), ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['inherit', 'pipe', 'inherit'],
  });
}

function wranglerWorks(args: readonly string[]): boolean {
  try {
    return !/not authenticated/i.test(wrangler(args));
  } catch {
    // wrangler has said why on the terminal.
    return false;
  }
}

function findDatabase(): string | null {
  const list = JSON.parse(wrangler(['d1', 'list', '--json'])) as { name: string; uuid: string }[];
  return list.find((database) => database.name === DATABASE)?.uuid ?? null;
}

function createDatabase(): string {
  wrangler(['d1', 'create', DATABASE]);
  const id = findDatabase();
  if (id === null)
    throw new Error(`The D1 database "${DATABASE}" was created but is not listed. Run the command again.`);
  return id;
}

function findNamespace(): string | null {
  const list = JSON.parse(wrangler(['kv', 'namespace', 'list'])) as { id: string; title: string }[];
  return list.find((namespace) => namespace.title === OAUTH_NAMESPACE)?.id ?? null;
}

function createNamespace(): string {
  wrangler(['kv', 'namespace', 'create', OAUTH_NAMESPACE]);
  const id = findNamespace();
  if (id === null)
    throw new Error(
      `The KV namespace "${OAUTH_NAMESPACE}" was created but is not listed. Run the command again.`,
    );
  return id;
}

function createQueue(name: string): void {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
  const created = spawnSync(process.execPath, [wrangler, 'queues', 'create', name], {
    cwd: root,
    encoding: 'utf8',
  });
  if (created.status === 0 || isQueueThere(created.stdout + created.stderr)) return;
  throw new Error(`The queue "${name}" could not be made:\n${created.stdout}${created.stderr}`);
}

/**
 * Names of the secrets that the deployed Worker has; none before the first deployment. Only the answer that there is no such Worker counts as
 * that: taking any other failure for it would make a new signing secret, and every key that was handed out invalid.
 */
function secretNames(config: readonly string[]): string[] {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js');
  const listed = spawnSync(process.execPath, [wrangler, 'secret', 'list', '--format', 'json', ...config], {
    cwd: root,
    encoding: 'utf8',
  });
  if (listed.status === 0) return (JSON.parse(listed.stdout) as { name: string }[]).map(({ name }) => name);
  if (isMissingWorker(listed.stdout + listed.stderr)) {
    console.log('The Worker has no secrets yet: this is its first deployment.');
    return [];
  }
  throw new Error(
    `The Worker's secrets could not be listed, so nothing was deployed:\n${listed.stdout}${listed.stderr}`,
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
