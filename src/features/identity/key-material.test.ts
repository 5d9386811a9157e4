import { describe, expect, it } from 'vitest';
import { derivedMaterial, randomMaterial } from './key-material.ts';
import { importSecrets } from './signing-secrets.ts';

const secrets = await importSecrets('a-signing-secret-of-32-characters-or-so');
const text = (bytes: Uint8Array) => [...bytes].join();

describe('the bytes of a key for an Idempotency-Key', () => {
  it('are the same for the same request and label', async () => {
    const once = await derivedMaterial(secrets, ['ten_1', 'route', 'key_1', 'k']).bytes('secret', 15);
    const again = await derivedMaterial(secrets, ['ten_1', 'route', 'key_1', 'k']).bytes('secret', 15);
    expect(once).toHaveLength(15);
    expect(text(again)).toBe(text(once));
  });

  it('differ for another tenant, route, resource, Idempotency-Key, label or secret, and when the parts run together otherwise', async () => {
    const other = await importSecrets('another-signing-secret-of-32-characters');
    const all = await Promise.all([
      derivedMaterial(secrets, ['ten_1', 'route', 'key_1', 'k']).bytes('secret', 15),
      derivedMaterial(secrets, ['ten_2', 'route', 'key_1', 'k']).bytes('secret', 15),
      derivedMaterial(secrets, ['ten_1', 'other', 'key_1', 'k']).bytes('secret', 15),
      derivedMaterial(secrets, ['ten_1', 'route', 'key_2', 'k']).bytes('secret', 15),
      derivedMaterial(secrets, ['ten_1', 'route', 'key_1', 'l']).bytes('secret', 15),
      derivedMaterial(secrets, ['ten_1', 'route', 'key_1k', '']).bytes('secret', 15),
      derivedMaterial(secrets, ['ten_1', 'route', 'key_1', 'k']).bytes('user', 15),
      derivedMaterial(other, ['ten_1', 'route', 'key_1', 'k']).bytes('secret', 15),
    ]);
    expect(new Set(all.map(text)).size).toBe(all.length);
  });

  it('are random without one', async () => {
    const [a, b] = await Promise.all([
      randomMaterial.bytes('secret', 15),
      randomMaterial.bytes('secret', 15),
    ]);
    expect(text(a)).not.toBe(text(b));
  });
});
