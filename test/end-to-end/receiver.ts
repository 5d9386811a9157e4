import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A post as it came. */
export interface Post {
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Receiver {
  readonly url: string;
  /** All that was posted, oldest first. */
  readonly posts: readonly Post[];
  /** With what status posts are answered from now on. */
  answers: (status: number) => void;
  readonly close: () => Promise<void>;
}

/** Somebody's server that takes webhooks, on this machine. */
export function startReceiver(): Promise<Receiver> {
  const posts: Post[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      posts.push({ headers: oneEach(request.headers), body: Buffer.concat(pieces).toString() });
      response.writeHead(status).end();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/parallax`,
        posts,
        answers: (next) => {
          status = next;
        },
        close: () =>
          new Promise((closed) => {
            server.closeAllConnections();
            server.close(() => closed());
          }),
      });
    });
  });
}

function oneEach(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
