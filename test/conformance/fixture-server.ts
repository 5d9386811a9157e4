import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from '../../scripts/local/processes.ts';
import { type LocalServer, startLocalServer } from '../../scripts/local/server.ts';

/** Builds and starts the Worker that offers the suite's fixtures, with a database and keys of its own in `folder`. */
export async function startFixtureServer(folder: string): Promise<LocalServer> {
  const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');
  const entry = 'test/conformance/fixture-worker.ts';
  // Inside the project, because wrangler looks for its configuration from the script upwards.
  const out = join(root, 'dist/conformance');
  await runTool(root, 'wrangler/bin/wrangler.js', ['deploy', entry, '--dry-run', '--outdir', out]);
  return await startLocalServer({
    root,
    port: 0,
    folder,
    state: join(folder, 'state'),
    settings: { CATALOG_SYNC: 'off' },
    tokenDelayMs: 2,
    retryAfterSeconds: 0,
    bundle: join(out, 'fixture-worker.js'),
  });
}
