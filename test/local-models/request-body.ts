/** Reads request bodies: at most 32 MiB, valid UTF-8, valid JSON. */
import type { IncomingMessage } from 'node:http';
import { ClientGone } from './exchange.ts';
import { Fault } from './fault.ts';

/** The limit that Anthropic states for a messages request; here it holds for every format. */
export const MOST_BODY_BYTES = 32 * 1024 * 1024;

/** The bytes of a body; a Fault (413) when there are more than 32 MiB, ClientGone when the client went away. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const tooLarge = new Fault(413, 'Request exceeds the maximum allowed number of bytes (33554432).');
  if (Number(request.headers['content-length'] ?? 0) > MOST_BODY_BYTES) throw tooLarge;
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_BODY_BYTES) {
        request.removeAllListeners('data');
        request.pause();
        reject(tooLarge);
      } else chunks.push(chunk);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => reject(new ClientGone()));
    request.on('close', () => reject(new ClientGone()));
  });
}

/** A body as JSON; a Fault (400) when it is not valid UTF-8 or no JSON. */
export function parseBody(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) {
      throw new Fault(
        400,
        `We could not parse the JSON body of your request. (${error instanceof SyntaxError ? error.message : 'It is not valid UTF-8.'})`,
        { code: 'invalid_json' },
      );
    }
    throw error;
  }
}
