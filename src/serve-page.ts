import { isAppPath } from './contracts/pages.ts';
import { securePage } from './platform/http/page-headers.ts';

/** Where no page is, and never will be: what asks there is a program. */
const API_PATHS =
  /^\/(?:\.well-known|v1|mcp|auth|oauth|webhooks\/stripe|demo|metrics|dev\/mailbox\/mails|dev\/people)(?:\/|$)/;

/**
 * The page or file at a path, under the content security policy; null where there is none. A browser that opens an address without a page gets the web app
 * with the status 404, which says so and leads on; a program gets null, for an error that it can read.
 */
export async function servePage(request: Request, path: string, assets: Fetcher): Promise<Response | null> {
  if (API_PATHS.test(path)) return null;
  if (isAppPath(path)) return securePage(await assets.fetch(new Request(appUrl(request), request)), path);
  const asset = await assets.fetch(request);
  const missing = asset.status === 404 && !asset.headers.has('content-type');
  if (!missing) return securePage(asset, path);
  if (!opensPage(request)) return null;
  const { body, headers } = await assets.fetch(new Request(appUrl(request)));
  const page = securePage(new Response(body, { headers, status: 404 }), path);
  page.headers.set('cache-control', 'no-store');
  page.headers.delete('etag');
  return page;
}

/** The web app is one file; which of its pages that is it says itself. */
function appUrl(request: Request): URL {
  return new URL('/app/', request.url);
}

/** Whether a browser asks for a page to show, and not for a script, picture or data (Fetch Metadata; `Accept` where a browser sends none). */
function opensPage({ method, headers }: Request): boolean {
  if (method !== 'GET') return false;
  const mode = headers.get('sec-fetch-mode');
  return mode === null ? (headers.get('accept') ?? '').includes('text/html') : mode === 'navigate';
}
