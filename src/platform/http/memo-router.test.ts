import { TrieRouter } from 'hono/router/trie-router';
import { expect, test } from 'vitest';
import { MemoRouter } from './memo-router.ts';

const ROUTES = [
  ['ALL', '/mcp'],
  ['POST', '/v1/perspectives'],
  ['POST', '/v1/perspectives/quote'],
  ['POST', '/v1/perspectives/:id'],
  ['GET', '/v1/models'],
  ['GET', '/v1/models/:id{.+}'],
  ['GET', '*'],
] as const;

test('matches what the trie router matches, the first time and the second', () => {
  const trie = new TrieRouter<string>();
  const memo = new MemoRouter<string>();
  for (const [method, path] of ROUTES) {
    trie.add(method, path, `${method} ${path}`);
    memo.add(method, path, `${method} ${path}`);
  }
  for (const method of ['GET', 'POST', 'DELETE']) {
    for (const path of [
      '/mcp',
      '/v1/models',
      '/v1/models/a/b',
      '/v1/perspectives/quote',
      '/v1/perspectives/x',
      '/',
    ]) {
      for (let time = 0; time < 2; time++) expect(memo.match(method, path)).toEqual(trie.match(method, path));
    }
  }
});

test('sees a route that is added after a match', () => {
  const memo = new MemoRouter<string>();
  memo.add('GET', '/a', 'first');
  memo.match('GET', '/a');
  memo.add('GET', '*', 'second');
  expect(memo.match('GET', '/a')[0]).toHaveLength(2);
});
