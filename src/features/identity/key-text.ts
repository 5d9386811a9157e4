import { base64url, equalBytes, fromBase64url, hmac, utf8 } from '../../platform/crypto.ts';
import { ID_BYTES, idBytes, idFromBytes } from './id-bytes.ts';
import type { KeyKind } from './schema.ts';
import type { SigningSecrets } from './signing-secrets.ts';

/**
 * The text of an API key: `plx_sk_` or `plx_pk_` and 64 characters of base64url over 48 bytes:
 *
 * | bytes | what |
 * | --- | --- |
 * | 1 | version of the signing secret, 1 to 255; 0 is kept for another layout |
 * | 15 | the secret: 120 random bits |
 * | 16 | the owner, whose Durable Object knows the key |
 * | 16 | tag: HMAC-SHA-256 over a label, the kind and the 32 bytes before, truncated to 128 bits (RFC 2104, section 5) |
 *
 * 48 bytes fill 64 characters exactly, so no character has bits that mean nothing: every other text is another key.
 */
export const KEY_TEXT_PREFIXES = { secret: 'plx_sk_', publishable: 'plx_pk_' } as const satisfies Record<
  KeyKind,
  string
>;

/** Bytes of randomness that make a key a secret. */
export const KEY_SECRET_BYTES = 15;

const TAG_BYTES = 16;
const TAGGED_BYTES = 1 + KEY_SECRET_BYTES + ID_BYTES;
const BODY_CHARACTERS = ((TAGGED_BYTES + TAG_BYTES) / 3) * 4;
const PREFIX_CHARACTERS = 7;

/** Characters of a whole key. */
export const KEY_TEXT_LENGTH = PREFIX_CHARACTERS + BODY_CHARACTERS;

const SHAPE = new RegExp(`^plx_([sp])k_[A-Za-z0-9_-]{${BODY_CHARACTERS}}$`);

/** What a text that looks like a key says, before anything is known of whether it is one. */
export interface KeyClaim {
  readonly kind: KeyKind;
  readonly version: number;
  readonly tagged: Uint8Array<ArrayBuffer>;
  readonly tag: Uint8Array<ArrayBuffer>;
}

/** Writes a key's text. `secret` has 15 bytes. Throws `RangeError` for an owner that is no user id. */
export async function writeKeyText(
  secrets: SigningSecrets,
  kind: KeyKind,
  userId: string,
  secret: Uint8Array,
): Promise<string> {
  if (secret.length !== KEY_SECRET_BYTES)
    throw new RangeError(`a key takes ${KEY_SECRET_BYTES} secret bytes`);
  const bytes = new Uint8Array(TAGGED_BYTES + TAG_BYTES);
  bytes[0] = secrets.current;
  bytes.set(secret, 1);
  bytes.set(idBytes('user', userId), 1 + KEY_SECRET_BYTES);
  const tag = await tagOf(secrets, secrets.current, kind, bytes.slice(0, TAGGED_BYTES));
  if (tag === null) throw new Error('the current signing secret is missing');
  bytes.set(tag, TAGGED_BYTES);
  return KEY_TEXT_PREFIXES[kind] + base64url(bytes);
}

/** Takes a text apart; `null` when it does not have the form of a key. */
export function readKeyText(text: string): KeyClaim | null {
  const match = SHAPE.exec(text);
  const bytes = match === null ? null : fromBase64url(text.slice(PREFIX_CHARACTERS));
  if (match === null || bytes === null) return null;
  return {
    kind: match[1] === 's' ? 'secret' : 'publishable',
    version: bytes[0] ?? 0,
    tagged: bytes.slice(0, TAGGED_BYTES),
    tag: bytes.slice(TAGGED_BYTES),
  };
}

/**
 * The owner's id, when one of our secrets tagged this key; `null` for a forgery. Needs no storage. The comparison takes the same time
 * wherever the tags differ, so a tag cannot be found byte by byte.
 */
export async function ownerOfKey(secrets: SigningSecrets, claim: KeyClaim): Promise<string | null> {
  const expected = await tagOf(secrets, claim.version, claim.kind, claim.tagged);
  if (expected === null || !equalBytes(expected, claim.tag)) return null;
  return idFromBytes('user', claim.tagged.subarray(1 + KEY_SECRET_BYTES));
}

/** The parts of a key that may be shown later: 16 of its 120 secret bits are in them. */
export function shownParts(text: string): { readonly prefix: string; readonly last4: string } {
  return { prefix: text.slice(0, PREFIX_CHARACTERS + 4), last4: text.slice(-4) };
}

async function tagOf(
  secrets: SigningSecrets,
  version: number,
  kind: KeyKind,
  tagged: Uint8Array,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const key = secrets.byVersion.get(version);
  if (key === undefined) return null;
  const label = utf8(`parallax api key\0${kind}\0`);
  const data = new Uint8Array(label.length + tagged.length);
  data.set(label);
  data.set(tagged, label.length);
  return (await hmac(key, data)).slice(0, TAG_BYTES);
}
