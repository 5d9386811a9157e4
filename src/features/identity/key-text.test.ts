import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64url, fromBase64url } from '../../platform/crypto.ts';
import { newId } from '../../platform/ids.ts';
import { idBytes, idFromBytes } from './id-bytes.ts';
import {
  KEY_SECRET_BYTES,
  KEY_TEXT_LENGTH,
  ownerOfKey,
  readKeyText,
  shownParts,
  writeKeyText,
} from './key-text.ts';
import type { KeyKind } from './schema.ts';
import { importSecrets, type SigningSecrets } from './signing-secrets.ts';

const OLD = 'an-old-signing-secret-of-32-characters';
const NEW = 'a-new-signing-secret-of-32-characters!';
const secrets = await importSecrets(OLD);

const kinds = fc.constantFrom<KeyKind>('secret', 'publishable');
const owners = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => idFromBytes('user', bytes));
const secretBytes = fc.uint8Array({ minLength: KEY_SECRET_BYTES, maxLength: KEY_SECRET_BYTES });
const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

async function ownerOf(text: string, by: SigningSecrets = secrets): Promise<string | null> {
  const claim = readKeyText(text);
  return claim === null ? null : ownerOfKey(by, claim);
}

describe('the text of an API key', () => {
  it('names its owner to whoever holds the signing secret', async () => {
    await fc.assert(
      fc.asyncProperty(kinds, owners, secretBytes, async (kind, owner, bytes) => {
        const text = await writeKeyText(secrets, kind, owner, bytes);
        expect(text).toHaveLength(KEY_TEXT_LENGTH);
        expect(readKeyText(text)?.kind).toBe(kind);
        expect(await ownerOf(text)).toBe(owner);
      }),
    );
  });

  it('starts with plx_sk_ for a secret key and plx_pk_ for a publishable one', async () => {
    const bytes = new Uint8Array(KEY_SECRET_BYTES);
    expect(await writeKeyText(secrets, 'secret', newId('user'), bytes)).toMatch(/^plx_sk_/);
    expect(await writeKeyText(secrets, 'publishable', newId('user'), bytes)).toMatch(/^plx_pk_/);
  });

  it('is refused when any one of its characters is another', async () => {
    await fc.assert(
      fc.asyncProperty(kinds, owners, secretBytes, fc.nat(), fc.nat(), async (kind, owner, bytes, at, to) => {
        const text = await writeKeyText(secrets, kind, owner, bytes);
        const place = at % text.length;
        const character = CHARACTERS.charAt(to % CHARACTERS.length);
        fc.pre(text.charAt(place) !== character);
        expect(await ownerOf(text.slice(0, place) + character + text.slice(place + 1))).toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });

  it('has no bits that mean nothing: each of the 63 other last characters makes a forgery', async () => {
    const text = await writeKeyText(
      secrets,
      'secret',
      newId('user'),
      new Uint8Array(KEY_SECRET_BYTES).fill(7),
    );
    const others = [...CHARACTERS].filter((character) => character !== text.at(-1));
    const found = await Promise.all(others.map((character) => ownerOf(text.slice(0, -1) + character)));
    expect(found).toHaveLength(63);
    expect(found.every((owner) => owner === null)).toBe(true);
  });

  it('is refused when it is shorter, longer, padded, or in another case', async () => {
    const text = await writeKeyText(
      secrets,
      'secret',
      newId('user'),
      new Uint8Array(KEY_SECRET_BYTES).fill(9),
    );
    for (const other of [
      text.slice(0, -1),
      `${text}A`,
      `${text}=`,
      ` ${text}`,
      `${text}\n`,
      text.toUpperCase(),
      '',
      'plx_sk_',
    ]) {
      expect(await ownerOf(other)).toBeNull();
    }
  });

  it('is refused when a publishable key is renamed to a secret one', async () => {
    const text = await writeKeyText(secrets, 'publishable', newId('user'), new Uint8Array(KEY_SECRET_BYTES));
    expect(readKeyText(text.replace('_pk_', '_sk_'))).not.toBeNull();
    expect(await ownerOf(text.replace('_pk_', '_sk_'))).toBeNull();
  });

  it('is refused when its owner is exchanged for another user', async () => {
    const text = await writeKeyText(secrets, 'secret', newId('user'), new Uint8Array(KEY_SECRET_BYTES));
    const bytes = fromBase64url(text.slice(7)) ?? new Uint8Array();
    bytes.set(idBytes('user', newId('user')), 1 + KEY_SECRET_BYTES);
    expect(await ownerOf(`plx_sk_${base64url(bytes)}`)).toBeNull();
  });

  it('is refused when it is random text of the right form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 48, maxLength: 48 }), async (bytes) => {
        expect(await ownerOf(`plx_sk_${base64url(bytes)}`)).toBeNull();
      }),
    );
  });

  it('is refused when another deployment made it', async () => {
    const text = await writeKeyText(
      await importSecrets(NEW),
      'secret',
      newId('user'),
      new Uint8Array(KEY_SECRET_BYTES),
    );
    expect(await ownerOf(text)).toBeNull();
  });

  it('shows later no more than four characters of its body at each end', async () => {
    const text = await writeKeyText(
      secrets,
      'secret',
      newId('user'),
      new Uint8Array(KEY_SECRET_BYTES).fill(3),
    );
    expect(shownParts(text)).toEqual({ prefix: text.slice(0, 11), last4: text.slice(-4) });
  });
});

describe('a signing secret that is changed', () => {
  it('leaves keys of the old one working while the old one is still listed', async () => {
    const owner = newId('user');
    const before = await writeKeyText(
      await importSecrets(OLD),
      'secret',
      owner,
      new Uint8Array(KEY_SECRET_BYTES),
    );
    const both = await importSecrets(`2:${NEW},1:${OLD}`);
    expect(await ownerOf(before, both)).toBe(owner);
    const after = await writeKeyText(both, 'secret', owner, new Uint8Array(KEY_SECRET_BYTES));
    expect(await ownerOf(after, both)).toBe(owner);
    expect(await ownerOf(after, await importSecrets(`2:${NEW}`))).toBe(owner);
  });

  it('ends keys of the old one once it is taken away', async () => {
    const text = await writeKeyText(
      await importSecrets(OLD),
      'secret',
      newId('user'),
      new Uint8Array(KEY_SECRET_BYTES),
    );
    expect(await ownerOf(text, await importSecrets(`2:${NEW}`))).toBeNull();
  });

  it('does not let a key pass under the version of another secret', async () => {
    const text = await writeKeyText(
      await importSecrets(OLD),
      'secret',
      newId('user'),
      new Uint8Array(KEY_SECRET_BYTES),
    );
    const bytes = fromBase64url(text.slice(7)) ?? new Uint8Array();
    bytes[0] = 2;
    expect(await ownerOf(`plx_sk_${base64url(bytes)}`, await importSecrets(`2:${NEW},1:${OLD}`))).toBeNull();
  });

  it.each([
    ['a version of 0', `0:${NEW}`],
    ['a version beyond a byte', `256:${NEW}`],
    ['a secret that is too short', `2:short,1:${OLD}`],
    ['an entry without a version', `2:${NEW},${OLD}`],
    ['the same version twice', `1:${NEW},1:${OLD}`],
    ['an empty entry', `2:${NEW},`],
  ])('is refused with %s, without showing the setting', async (_what, setting) => {
    const error: unknown = await importSecrets(setting).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('KEY_SIGNING_SECRET'),
    });
    expect(String(error)).not.toContain(NEW);
    expect(String(error)).not.toContain(OLD);
  });

  it('takes a plain secret with colons and commas as it stands', async () => {
    const odd = await importSecrets('a:b,c:d,an-odd-secret-of-32-characters-and-more');
    expect(odd.current).toBe(1);
    expect([...odd.byVersion.keys()]).toEqual([1]);
  });
});
