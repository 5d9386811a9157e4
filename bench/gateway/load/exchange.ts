import { Agent, type IncomingMessage, request } from 'node:http';
import type { Target } from './job.ts';

/** A gateway that says nothing for so long has failed the benchmark. */
const SILENCE_MS = 30_000;

/** Asks one target over connections that stay open. */
export interface Exchange {
  /** Resolves when the answer is there whole, with its bytes. `onData` sees them as they come. Throws on any status but 200. */
  ask(onData?: (data: Buffer) => void): Promise<Buffer[]>;
  close(): void;
}

export function openExchange(target: Target, connections: number): Exchange {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, noDelay: true });
  const { hostname, port, pathname } = new URL(target.url);
  const body = Buffer.from(target.body);
  const options = {
    agent,
    hostname,
    port,
    path: pathname,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...target.headers, 'content-length': body.byteLength },
  };
  const clients = target.clients ?? [{}];
  let asked = 0;
  return {
    ask: (onData) =>
      new Promise((resolve, reject) => {
        const headers = { ...options.headers, ...clients[asked++ % clients.length] };
        const sent = request({ ...options, headers }, (response) =>
          collect(response, onData).then(resolve, reject),
        );
        sent.on('error', reject);
        sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`)));
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function collect(response: IncomingMessage, onData?: (data: Buffer) => void): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    response.on('data', (data: Buffer) => {
      received.push(data);
      onData?.(data);
    });
    response.on('error', reject);
    response.on('close', () => reject(new Error('an answer broke off')));
    response.on('end', () => {
      if (response.statusCode === 200) return resolve(received);
      const text = Buffer.concat(received).toString().slice(0, 500);
      reject(new Error(`${response.statusCode} instead of an answer: ${text}`));
    });
  });
}
