import type { Result, Router } from 'hono/router';
import { TrieRouter } from 'hono/router/trie-router';

/**
 * Hono's trie router, which takes any set of paths, with the answers for paths without parameters kept: they are the ones asked for thousands of
 * times a second, and walking the trie costs more than the rest of Hono's dispatch. As many are kept as there are such routes.
 */
export class MemoRouter<T> implements Router<T> {
  readonly name = 'MemoRouter';
  readonly #routes = new TrieRouter<T>();
  /** Method and path of every route without parameters. */
  readonly #literal = new Set<string>();
  readonly #found = new Map<string, Result<T>>();

  add(method: string, path: string, handler: T): void {
    this.#found.clear();
    this.#routes.add(method, path, handler);
    if (!/[*:{]/.test(path)) this.#literal.add(`${method} ${path}`);
  }

  match(method: string, path: string): Result<T> {
    const name = `${method} ${path}`;
    if (!this.#literal.has(name)) return this.#routes.match(method, path);
    let result = this.#found.get(name);
    if (result === undefined) {
      result = this.#routes.match(method, path);
      this.#found.set(name, result);
    }
    return result;
  }
}
