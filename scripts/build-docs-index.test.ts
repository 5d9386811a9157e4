import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { buildDocsIndex, INDEX_FILE, indexText } from './build-docs-index.ts';

describe('the index of the documentation', () => {
  it('is the one that the pages under docs/ give; `npm run docs:index` writes it anew', async () => {
    const fresh = (await readFile(INDEX_FILE, 'utf8')) === indexText(await buildDocsIndex());
    expect(fresh, 'docs/ has changed: run `npm run docs:index`').toBe(true);
  });

  it('has the pages for users and leaves out the decisions', async () => {
    const pages = new Set((await buildDocsIndex()).map((section) => section.page));
    expect(pages).toContain('mcp');
    expect([...pages].filter((page) => page.startsWith('decisions/'))).toEqual([]);
  });
});
