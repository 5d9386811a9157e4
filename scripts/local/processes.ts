import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The project's own tools, quiet and offline. */
const QUIET = {
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  NO_UPDATE_NOTIFIER: '1',
};

/** Runs a tool of node_modules to its end. Throws with its output when it fails. */
export async function runTool(root: string, tool: string, args: readonly string[]): Promise<string> {
  const child = startTool(root, tool, args, 'pipe');
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stderr?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`${tool} ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

/** Starts a tool of node_modules in a process group of its own, so that all it starts can be stopped with it. */
export function startTool(
  root: string,
  tool: string,
  args: readonly string[],
  output: 'pipe' | 'inherit',
): ChildProcess {
  return spawn(process.execPath, [`${root}/node_modules/${tool}`, ...args], {
    cwd: root,
    env: { ...process.env, ...QUIET },
    stdio: ['ignore', output, output],
    detached: process.platform !== 'win32',
  });
}

/** Stops a tool and everything it started. */
export async function stopTool(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const closed = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(process.platform === 'win32' ? (child.pid ?? 0) : -(child.pid ?? 0), name);
    } catch (error) {
      // Gone already is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  signal('SIGTERM');
  await Promise.race([closed, sleep(5000).then(() => signal('SIGKILL'))]);
}

/** A port that is free now, on the loopback: `wanted`, or any when it is 0. Throws a sentence when the wanted one is taken. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken
          ? new Error(`Port ${wanted} is in use: is Parallax running already? Set PORT to another one.`)
          : error,
      );
    });
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/** Waits until an address answers with success. Throws after `timeoutMs`, or when `failed` says why it never will. */
export async function waitFor(url: string, timeoutMs: number, failed: () => string | null): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const reason = failed();
    if (reason !== null) throw new Error(reason);
    const answered = await fetch(url, { signal: AbortSignal.timeout(5000) }).then(
      async (response) => {
        await response.body?.cancel();
        return response.ok;
      },
      () => false, // Not up yet.
    );
    if (answered) return;
    if (Date.now() > end) throw new Error(`${url} did not answer within ${timeoutMs / 1000} s`);
    await sleep(150);
  }
}
