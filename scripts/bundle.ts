import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { runTool } from './local/processes.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
/** The platform's bound on the free plan, and ours. https://developers.cloudflare.com/workers/platform/limits/#worker-size */
const BUDGET_BYTES = 3 * 1024 * 1024;

/** `npm run bundle`: builds what would be deployed, without deploying, and holds its size against the budget. */
async function main(): Promise<void> {
  const out = join(root, 'dist/bundle');
  rmSync(out, { recursive: true, force: true });
  await runTool(root, 'wrangler/bin/wrangler.js', [
    'deploy',
    '--dry-run',
    '--minify',
    '--env',
    'production',
    '--outdir',
    out,
  ]);
  const sizes = readdirSync(out)
    .filter((file) => /\.(?:js|mjs|wasm|bin|txt)$/.test(file))
    .map((file) => ({ file, bytes: gzipSync(readFileSync(join(out, file))).byteLength }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { file, bytes } of sizes) console.log(`${file}: ${Math.round(bytes / 1024)} KiB gzip`);
  console.log(`Worker: ${Math.round(total / 1024)} KiB gzip of ${BUDGET_BYTES / 1024}`);
  if (total > BUDGET_BYTES) {
    console.error('The Worker is larger than its budget.');
    process.exit(1);
  }
}

await main();
