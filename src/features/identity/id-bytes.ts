import { ID_PREFIXES, type IdKind, idTime, isId } from '../../platform/ids.ts';

/**
 * Ids as 16 bytes, and back: 48 bits of milliseconds and 80 bits of randomness, the binary layout of a ULID
 * (https://github.com/ulid/spec), most significant byte first. An API key names its owner in this form.
 */
export const ID_BYTES = 16;

/** Random bytes in an id. */
export const ID_RANDOM_BYTES = 10;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CHARACTERS = 26;

/** The 16 bytes of an id. Throws `RangeError` for what is no id of that kind. */
export function idBytes(kind: IdKind, id: string): Uint8Array<ArrayBuffer> {
  // 26 digits of 5 bits are 130: the first digit of a ULID is at most 7.
  const body = id.slice(ID_PREFIXES[kind].length + 1);
  if (!isId(kind, id) || body.charAt(0) > '7') throw new RangeError(`not an id of kind ${kind}: ${id}`);
  let value = 0n;
  for (const character of body) value = (value << 5n) | BigInt(ALPHABET.indexOf(character));
  const bytes = new Uint8Array(ID_BYTES);
  for (let i = ID_BYTES - 1; i >= 0; i--) {
    bytes[i] = Number(value & 255n);
    value >>= 8n;
  }
  return bytes;
}

/** The id that 16 bytes stand for. */
export function idFromBytes(kind: IdKind, bytes: Uint8Array): string {
  if (bytes.length !== ID_BYTES) throw new RangeError(`an id has ${ID_BYTES} bytes, not ${bytes.length}`);
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  let body = '';
  for (let i = 0; i < CHARACTERS; i++) {
    body = ALPHABET.charAt(Number(value & 31n)) + body;
    value >>= 5n;
  }
  return `${ID_PREFIXES[kind]}_${body}`;
}

/** An id of the same moment as another, with the given 10 random bytes: how several ids follow from one. */
export function siblingId(kind: IdKind, of: string, random: Uint8Array): string {
  if (random.length !== ID_RANDOM_BYTES) throw new RangeError(`an id takes ${ID_RANDOM_BYTES} random bytes`);
  const bytes = new Uint8Array(ID_BYTES);
  let time = idTime(of);
  for (let i = ID_BYTES - ID_RANDOM_BYTES - 1; i >= 0; i--) {
    bytes[i] = time % 256;
    time = Math.floor(time / 256);
  }
  bytes.set(random, ID_BYTES - ID_RANDOM_BYTES);
  return idFromBytes(kind, bytes);
}
