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
 * `/type?is=` with a type, `/status?is=` with a status, `/silent` never, `/drip` a byte at a time without an end, `/cut` breaks off.
 */
export async function createPages(): Promise<Pages> {
  const server = createServer((request, response) => void answer(request, response));
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

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
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
