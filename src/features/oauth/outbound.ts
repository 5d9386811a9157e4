import { AsyncLocalStorage } from 'node:async_hooks';
import { guardedFetch } from '../../platform/guarded-fetch/index.ts';

/** What is known of the OAuth request that is being answered. */
interface Scope {
  /** The check that refused it, in the library's words; never sent. */
  refusedFor?: string;
}

const scope = new AsyncLocalStorage<Scope | undefined>();

/** A client's description has 5 KB at most and its keys 64, says the library; it stops at its own bound before this one. */
const BOUNDS = {
  allowLocal: false,
  timeoutMs: 10_000,
  maxBytes: 64 * 1024,
  contentTypes: ['application/json', 'application/jwk-set+json'],
  maxRedirects: 0,
} as const;
const WITHOUT_BODY = new Set([101, 204, 205, 304]);

let guarded = false;

/**
 * The library fetches what clients say they are described by (client ID metadata documents, keys) with the global `fetch`, and cannot be given
 * another. From here on what is fetched within an OAuth request goes through the guarded client, and nothing else is touched. Idempotent.
 */
export function guardOutbound(): void {
  if (guarded) return;
  guarded = true;
  const plain = globalThis.fetch;
  globalThis.fetch = (async (input: RequestInfo | URL, init?: RequestInit) =>
    scope.getStore() === undefined ? plain(input, init) : throughGuard(input, init)) as typeof fetch;
}

async function throughGuard(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  // The client itself is outside the scope, or it would come back here.
  const { status, headers, body } = await scope.run(undefined, () =>
    guardedFetch(
      request.url,
      { headers: Object.fromEntries(request.headers), signal: request.signal },
      BOUNDS,
    ),
  );
  // The body is decoded and may be shorter or longer than they say.
  headers.delete('content-encoding');
  headers.delete('content-length');
  return new Response(WITHOUT_BODY.has(status) ? null : body, { status, headers });
}

/** Runs what answers an OAuth request: see `guardOutbound` and `refusedFor`. */
export function withinOAuth<T>(work: () => Promise<T>): Promise<T> {
  return scope.run({}, work);
}

/** Notes why the library refused the request that is being answered. */
export function noteRefusal(reason: string): void {
  const store = scope.getStore();
  if (store !== undefined) store.refusedFor = reason;
}

/** The check that refused the request that is being answered, within `withinOAuth`. */
export function refusedFor(): string | undefined {
  return scope.getStore()?.refusedFor;
}
