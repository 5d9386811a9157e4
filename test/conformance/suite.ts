import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What a scenario of the suite came to. */
export interface ScenarioOutcome {
  readonly passed: number;
  /** The checks that failed, with what they say. */
  readonly failures: readonly string[];
  /** The checks that warned of what is only recommended. */
  readonly warnings: readonly string[];
}

interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

const command = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json')),
  'dist/index.js',
);

/**
 * Runs every server scenario of a revision against a running server and reads what each came to from the files that the command writes into `folder`. Throws when
 * the command ends without having run any.
 */
export async function runSuite(
  url: string,
  revision: string,
  folder: string,
): Promise<Map<string, ScenarioOutcome>> {
  const output = await run([
    'server',
    '--url',
    url,
    '--suite',
    'all',
    '--spec-version',
    revision,
    '-o',
    folder,
  ]);
  const outcomes = new Map<string, ScenarioOutcome>();
  for (const entry of (await readdir(folder)).sort()) {
    const scenario = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(entry)?.[1];
    if (scenario === undefined) continue;
    const checks = JSON.parse(await readFile(join(folder, entry, 'checks.json'), 'utf8')) as Check[];
    outcomes.set(scenario, {
      passed: checks.filter(({ status }) => status === 'SUCCESS').length,
      failures: messagesOf(checks, 'FAILURE'),
      warnings: messagesOf(checks, 'WARNING'),
    });
  }
  if (outcomes.size === 0)
    throw new Error(`the conformance command ran no scenario:\n${output.slice(-4000)}`);
  return outcomes;
}

function messagesOf(checks: readonly Check[], wanted: Check['status']): string[] {
  return checks
    .filter(({ status }) => status === wanted)
    .map(({ id, errorMessage }) => `${id}: ${errorMessage ?? 'no reason given'}`);
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        output += data.toString();
      });
    }
    child.on('error', reject);
    // Its exit code says that something failed; which, and whether that is known, the files say.
    child.on('close', () => resolve(output));
  });
}
