import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DocSection, sectionsOf } from '../src/mcp/documentation/sections.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** What the Worker ships and `search_documentation` searches. */
export const INDEX_FILE = join(ROOT, 'src/mcp/documentation/sections.generated.json');
const DOCS = join(ROOT, 'docs');
/** For those who carry the work on, not for those who use it. */
const LEFT_OUT = new Set(['decisions']);

/** The sections of every page under docs/, in the order of their paths. */
export async function buildDocsIndex(): Promise<DocSection[]> {
  const entries = await readdir(DOCS, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(DOCS, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !LEFT_OUT.has(path.split('/')[0] ?? ''))
    .sort();
  const pages = await Promise.all(
    files.map(async (file) =>
      sectionsOf(file.replace(/\.md$/, ''), await readFile(join(DOCS, file), 'utf8')),
    ),
  );
  return pages.flat();
}

/** The index as it is committed. */
export function indexText(sections: readonly DocSection[]): string {
  return `${JSON.stringify(sections, null, 2)}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sections = await buildDocsIndex();
  await mkdir(dirname(INDEX_FILE), { recursive: true });
  await writeFile(INDEX_FILE, indexText(sections));
  console.log(`${sections.length} sections written to ${relative(ROOT, INDEX_FILE)}`);
}
