/** Hashes: every id, choice and vector here comes from one of them, so the same request gets the same bytes. */
import { createHash } from 'node:crypto';

/** SHA-256 of the parts (with a separator between them), as 64 hex digits. */
export function hexDigest(...parts: string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\u0000');
  return hash.digest('hex');
}

/** FNV-1a over UTF-16 code units with a final mix, as an unsigned 32-bit integer: quick, for choices and n-grams. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  // FNV's low bits are weak for short texts: mix them, as MurmurHash3's finalizer does.
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  return hash >>> 0;
}

/** A member of a non-empty list, chosen by the hash of a seed. */
export function chosen<T>(list: readonly T[], seed: string): T {
  const member = list[hash32(seed) % list.length];
  if (member === undefined) throw new Error('chosen() needs a non-empty list');
  return member;
}

/** An id in the letters that providers use (base 62), `length` long, from a hex digest. */
export function idFrom(hex: string, length: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let bytes = Buffer.from(hex, 'hex');
  let id = '';
  while (id.length < length) {
    for (const byte of bytes) id += letters[byte % 62];
    bytes = createHash('sha256').update(bytes).digest();
  }
  return id.slice(0, length);
}
