import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from './local/processes.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * `npm run migrations:check`: the SQL in `migrations/` is what the slices' schemas say, and no migration rebuilds or drops a table: drizzle's rebuild
 * deletes the rows of every child that cascades.
 */
async function main(): Promise<void> {
  const faults: string[] = [];
  const files = sqlFiles(join(root, 'migrations'));
  for (const file of files) {
    const sql = readFileSync(join(root, 'migrations', file), 'utf8');
    if (/\bDROP\s+TABLE\b/i.test(sql) || sql.includes('__new_'))
      faults.push(`${file} drops or rebuilds a table`);
  }
  const copy = mkdtempSync(join(tmpdir(), 'parallax-migrations-'));
  try {
    cpSync(join(root, 'migrations'), copy, { recursive: true });
    process.env.MIGRATIONS_OUT = copy;
    await runTool(root, 'drizzle-kit/bin.cjs', ['generate', '--name', 'check']);
    const made = sqlFiles(copy).filter((file) => !files.includes(file));
    if (made.length > 0)
      faults.push(
        'a schema has changed without its migration; run `npm run migrations:generate -- --name what_changed`',
      );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  for (const fault of faults) console.error(fault);
  console.log(`${files.length} migrations, ${faults.length} faults`);
  if (faults.length > 0) process.exit(1);
}

function sqlFiles(folder: string): string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.sql'));
}

await main();
