import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { handlesWithoutTenant, type Import, reachesPastTheDatabase, violations } from './floors.ts';

/** `npm run floors`: reads every import of the source and fails when one breaks a floor. */
function main(): void {
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', 'src', 'durable-objects'],
    { encoding: 'utf8' },
  )
    .split('\n')
    .filter(
      (path) =>
        path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.endsWith('.d.ts') && existsSync(path),
    );
  const found = violations(files.flatMap(importsOf));
  for (const violation of found) {
    console.error(`${violation.import.from} → ${violation.import.to}: ${violation.reason}`);
  }
  const raw = files.filter((path) => reachesPastTheDatabase(path, readFileSync(path, 'utf8')));
  for (const path of raw)
    console.error(`${path}: queries go through src/platform/db.ts, never through the binding`);
  const loose = files.flatMap((path) =>
    handlesWithoutTenant(path, readFileSync(path, 'utf8')).map((text) => ({ path, text })),
  );
  for (const { path, text } of loose)
    console.error(`${path}: the database is handed on without saying whose rows are meant: ${text}`);
  const broken = found.length + raw.length + loose.length;
  console.log(`${files.length} files, ${broken} broken floors`);
  if (broken > 0) process.exit(1);
}

function importsOf(path: string): Import[] {
  const parsed = parseSync(path, readFileSync(path, 'utf8'));
  if (parsed.errors.length > 0) throw new Error(`${path}: ${parsed.errors[0]?.message}`);
  const resolve = (specifier: string) =>
    specifier.startsWith('.') ? posix.normalize(posix.join(dirname(path), specifier)) : specifier;
  const { staticImports, staticExports, dynamicImports } = parsed.module;
  const imports: Import[] = staticImports.map((one) => ({
    from: path,
    to: resolve(one.moduleRequest.value),
    names: one.entries.map((entry) => entry.importName.name ?? ''),
    typeOnly: one.entries.length > 0 && one.entries.every((entry) => entry.isType),
  }));
  for (const one of staticExports) {
    for (const entry of one.entries) {
      if (entry.moduleRequest === null) continue;
      imports.push({
        from: path,
        to: resolve(entry.moduleRequest.value),
        names: [entry.importName.name ?? ''],
        typeOnly: entry.isType,
      });
    }
  }
  const source = readFileSync(path, 'utf8');
  for (const one of dynamicImports) {
    const text = source.slice(one.moduleRequest.start, one.moduleRequest.end);
    if (/^['"]/.test(text))
      imports.push({ from: path, to: resolve(text.slice(1, -1)), names: [], typeOnly: false });
  }
  return imports;
}

main();
