import { readFileSync, writeFileSync } from 'node:fs';

/** Miniflare's Worker between the first Worker's `fetch` and the network. */
const INTERCEPTOR = 'outbound:0';
/** workerd's name of the network, which is in every configuration of Miniflare's. */
const NETWORK = 'internet';

/**
 * Reads a workerd configuration (binary Cap'n Proto) from standard input and writes it with the first Worker's global outbound set to the
 * network itself. Miniflare always puts a Worker of its own there, and has no option against it; it costs about 80 µs a request, the same
 * for everything measured, and so would flatter every ratio.
 */
function withDirectOutbound(config: Buffer): Buffer {
  const segments = config.readUInt32LE(0) + 1;
  if (segments !== 1) throw new Error(`expected a configuration of one segment, found ${segments}`);
  const start = 8;
  const text = Buffer.from(`${INTERCEPTOR}\0`);
  const found: number[] = [];
  for (let at = config.indexOf(text, start); at !== -1; at = config.indexOf(text, at + 1)) found.push(at);
  // Written in this order: the Worker, with its global outbound, then the interceptor's own name.
  const outbound = found[0];
  if (outbound === undefined || found.length !== 2) {
    throw new Error(
      `expected ${INTERCEPTOR} twice in Miniflare's configuration, found it ${found.length} times`,
    );
  }
  const result = Buffer.from(config);
  const pointer = pointerTo(result, start, outbound);
  const name = Buffer.from(`${NETWORK}\0`);
  result.fill(0, outbound, outbound + text.length);
  name.copy(result, outbound);
  result.writeUInt32LE(((name.length << 3) | BYTES) >>> 0, pointer + 4);
  return result;
}

/** The element size of a list of bytes in a list pointer, which is what a text is. https://capnproto.org/encoding.html#lists */
const BYTES = 2;
const LIST = 1;

/** Where the list pointer is that points to the bytes at `target`. */
function pointerTo(message: Buffer, start: number, target: number): number {
  for (let at = start; at < target; at += 8) {
    const low = message.readInt32LE(at);
    const isText = (low & 3) === LIST && (message.readUInt32LE(at + 4) & 7) === BYTES;
    if (isText && at + 8 + (low >> 2) * 8 === target) return at;
  }
  throw new Error('nothing points to the name in the configuration');
}

writeFileSync(1, withDirectOutbound(readFileSync(0)));
