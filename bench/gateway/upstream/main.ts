import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { piecesAskedFor } from '../answer-text.ts';
import { answerJobs } from '../child.ts';
import { PATHS, type WireFormat } from '../wire-format.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import { openaiChat } from './openai-chat.ts';
import { openaiResponses } from './openai-responses.ts';
import { Streams } from './streams.ts';
import type { Wire } from './wire.ts';

/** What the parent may ask: where the upstream is and how many requests it has answered. */
export interface UpstreamState {
  readonly url: string;
  readonly answered: number;
}

const WIRES: Readonly<Record<WireFormat, Wire>> = {
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
};
const BY_PATH = new Map(Object.entries(PATHS).map(([format, path]) => [path, WIRES[format as WireFormat]]));

const streams = new Streams(Number(process.argv[2]));
let answered = 0;

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const wire = BY_PATH.get(request.url ?? '');
  if (wire === undefined) {
    refuse(response, 404, `no ${request.url}`);
  } else if (request.headers['cf-worker'] !== undefined) {
    // Miniflare's Worker on the way out marks what it passes on: what is measured is not plain workerd then.
    refuse(response, 500, "Miniflare's Worker is in the way");
  } else {
    answered += 1;
    if (/"stream":\s*true/.test(body)) streamed(response, wire, body);
    else whole(response, wire);
  }
}

function whole(response: ServerResponse, { headers, whole }: Wire): void {
  response.writeHead(200, {
    ...headers,
    'content-type': 'application/json',
    'content-length': whole.byteLength,
  });
  response.end(whole);
}

function streamed(response: ServerResponse, wire: Wire, body: string): void {
  response.writeHead(200, {
    ...wire.headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  const pieces = piecesAskedFor(body);
  streams.start(response, wire.stream(pieces, /"include_usage":\s*true/.test(body)), pieces);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message } }));
}

const server = createServer({ noDelay: true, keepAliveTimeout: 0 }, (request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (data: string) => {
    body += data;
  });
  request.on('end', () => answer(request, response, body));
});
server.listen(0, '127.0.0.1');

answerJobs<'state', UpstreamState>(async () => {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, answered };
});
