import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server somewhere that a person has us call, for better or worse. */
export interface Pages {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts it on a free port of this machine. `/echo` says what it was asked, `/redirect?status=&to=` sends on, `/bytes?n=&declared=` answers with so many bytes,
 * `/hook?name=` keeps what is posted there, `/hooks?name=` shows it, `/hook-answers?name=&status=` says how it answers from now on, `/type?is=` with a type, `/status?is=` with a status, `/silent` never, `/drip` a byte at a time without an end, `/cut` breaks off.
 */
export async function createPages(): Promise<Pages> {
  const hooks = new Map<string, Hook>();
  const server = createServer((request, response) => void answer(request, response, hooks));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What arrived at a hook, and how it answers. */
interface Hook {
  status: number;
  readonly posted: { readonly headers: IncomingMessage['headers']; readonly body: string }[];
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  hooks: Map<string, Hook>,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://pages');
  const given = (name: string) => url.searchParams.get(name) ?? '';
  switch (url.pathname) {
    case '/echo': {
      const body = (await Array.fromAsync(request)).map(String).join('');
      const { method, headers } = request;
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify({ method, headers, body }));
      return;
    }
    case '/hook':
    case '/hooks':
    case '/hook-answers': {
      const hook = hooks.get(given('name')) ?? { status: 204, posted: [] };
      hooks.set(given('name'), hook);
      if (url.pathname === '/hook-answers') hook.status = Number(given('status'));
      if (url.pathname === '/hook')
        hook.posted.push({
          headers: request.headers,
          body: (await Array.fromAsync(request)).map(String).join(''),
        });
      response.writeHead(url.pathname === '/hook' ? hook.status : 200, {
        'content-type': 'application/json',
      });
      response.end(url.pathname === '/hooks' ? JSON.stringify(hook.posted) : undefined);
      return;
    }
    case '/redirect':
      response.writeHead(Number(given('status') || 302), { location: given('to') }).end();
      return;
    case '/bytes': {
      const bytes = Buffer.alloc(Number(given('n')), 'a');
      response.writeHead(200, {
        'content-type': 'text/plain',
        ...(given('declared') === '' ? {} : { 'content-length': bytes.length }),
      });
      response.end(bytes);
      return;
    }
    case '/type':
      response.writeHead(200, given('is') === '' ? {} : { 'content-type': given('is') }).end('x');
      return;
    case '/status':
      response.writeHead(Number(given('is')), { 'content-type': 'text/weird' }).end('said');
      return;
    case '/silent':
      return;
    case '/drip':
      response.writeHead(200, { 'content-type': 'text/plain' });
      while (!response.destroyed) {
        response.write('a');
        await sleep(20);
      }
      return;
    case '/cut':
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 100 });
      response.write('begun');
      await sleep(20);
      response.destroy();
      return;
    default:
      response.writeHead(404, { 'content-type': 'text/plain' }).end();
  }
}
