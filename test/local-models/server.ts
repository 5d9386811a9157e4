/** The local model server: stand-ins for AI models, speaking the real wire formats on a loopback address. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ClientGone, Exchange } from './exchange.ts';
import { Fault } from './fault.ts';
import { answer, type Setting, sendFault } from './handler.ts';
import { requestIdFor } from './headers.ts';
import { type Route, routeOf } from './routes.ts';
import { type Stats, StatsCollector } from './stats.ts';
import { Turnstile } from './turnstile.ts';

export interface LocalModelsOptions {
  /** 0, the default, takes any free port. */
  port?: number;
  /** Loopback only: these models are for the machine they run on. */
  host?: '127.0.0.1';
  /** `Retry-After` of a 429, in seconds. 1 by default. */
  retryAfterSeconds?: number;
  /** Milliseconds between two pieces of a stream. 12 by default. */
  tokenDelayMs?: number;
}

export interface LocalModels {
  /** Such as `http://127.0.0.1:40123`, without a slash at the end. */
  url: string;
  stats: Stats;
  /** Breaks every open connection and stops listening. */
  close(): Promise<void>;
}

const USUAL_TOKEN_DELAY_MS = 12;
/** A thousand clients may connect at the same moment. */
const BACKLOG = 4096;
/** Longer than clients keep idle connections, so that none meets one that is just closing. */
const KEEP_ALIVE_MS = 75_000;
/** How long the rest of a refused body may take to arrive before the connection is broken. */
const DISCARD_MS = 2000;

/** Reads and forgets what a client still sends after it was refused, so that it gets to read the refusal. */
function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), DISCARD_MS);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
}

function unexpected(error: unknown): Fault {
  // Only recursion exhausts the stack here, and only input nested without end makes it recur that far.
  if (error instanceof RangeError && /call stack/i.test(error.message))
    return new Fault(400, 'The request is nested too deeply.', { code: 'too_deep' });
  console.error(error);
  return new Fault(500, 'The local model server made a mistake while answering. Its output says more.');
}

async function serve(exchange: Exchange, route: Route, url: URL, setting: Setting): Promise<void> {
  setting.stats.requestBegun();
  try {
    await answer(exchange, route, url, setting);
  } catch (error) {
    if (!(error instanceof ClientGone)) {
      sendFault(exchange, error instanceof Fault ? error : unexpected(error), route);
      discardRest(exchange.request);
    }
  }
  if (!exchange.response.closed) await once(exchange.response, 'close');
  setting.stats.requestEnded();
  if (exchange.broken && exchange.model !== '') {
    setting.stats.broke(exchange.model, route.format, Date.now() - exchange.begunAt, exchange.piecesSent);
  }
}

function listener(setting: Setting): (request: IncomingMessage, response: ServerResponse) => void {
  let count = 0;
  return (request, response) => {
    const url = new URL(`http://local${request.url?.startsWith('/') ? request.url : '/'}`);
    const route = routeOf(request.method ?? 'GET', url, request.headers);
    const requestId = requestIdFor(route.format, `${++count} ${request.url}`);
    const exchange = new Exchange(request, response, route.format, requestId, setting.stats.openRequests);
    serve(exchange, route, url, setting).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  };
}

async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  server.listen({ port, host, backlog: BACKLOG });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address;
}

/**
 * Starts a server.
 * @throws when the port is taken (`EADDRINUSE`)
 */
export async function createLocalModels(options: LocalModelsOptions = {}): Promise<LocalModels> {
  const turnstile = new Turnstile();
  const stats = new StatsCollector(() => turnstile.forget());
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE_MS },
    listener({
      stats,
      turnstile,
      retryAfterSeconds: options.retryAfterSeconds ?? 1,
      tokenDelayMs: options.tokenDelayMs ?? USUAL_TOKEN_DELAY_MS,
    }),
  );
  server.on('connection', (socket) => {
    stats.connectionOpened();
    socket.once('close', () => stats.connectionClosed());
  });
  const { port } = await listen(server, options.port ?? 0, options.host ?? '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    stats,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
