import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, waitFor } from '../../scripts/local/processes.ts';
import { type Contender, keyHeaders, UPSTREAM_MODELS } from './contender.ts';

const peers = fileURLToPath(new URL('../peers', import.meta.url));
const SERVER = 'node_modules/@portkey-ai/gateway/build/start-server.js';

/** The Portkey gateway from npm, on Node as its own documentation runs it, one process. https://github.com/Portkey-AI/gateway */
export async function startPortkey(upstreamUrl: string): Promise<Contender> {
  installPeers();
  const port = await freePort();
  const child = spawn(process.execPath, [SERVER, `--port=${port}`, '--headless'], {
    cwd: peers,
    // In production it keeps no log for its page.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: 'ignore',
  });
  process.once('exit', () => child.kill());
  const url = new URL(`http://127.0.0.1:${port}`);
  await waitFor(url.href, 30_000, () => (ended(child) ? 'Portkey ended before it answered' : null));
  return {
    name: 'portkey',
    url,
    pid: child.pid ?? 0,
    headers: (asked) => ({
      ...keyHeaders(asked, 'sk-bench'),
      'x-portkey-provider': asked === 'anthropic-messages' ? 'anthropic' : 'openai',
      'x-portkey-custom-host': `${upstreamUrl}/v1`,
    }),
    model: (upstream) => UPSTREAM_MODELS[upstream],
    stop: () =>
      new Promise((resolve) => {
        if (ended(child)) return resolve();
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

function ended(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Peers are no dependency of the project: they are installed, as locked, by the first benchmark that runs. */
function installPeers(): void {
  if (existsSync(join(peers, SERVER))) return;
  console.log('Installing the peers that are measured beside (npm ci in bench/peers) …\n');
  const args = ['ci', '--prefix', peers, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status } = spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('the peers could not be installed: npm ci in bench/peers failed');
}
