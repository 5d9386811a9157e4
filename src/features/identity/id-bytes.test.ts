import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idTime, isId, newId } from '../../platform/ids.ts';
import { idBytes, idFromBytes, siblingId } from './id-bytes.ts';

describe('an id as bytes', () => {
  it('comes back from its bytes as it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 48 - 1 }), (time) => {
        const id = newId('user', time);
        expect(idFromBytes('user', idBytes('user', id))).toBe(id);
      }),
    );
  });

  it('gives every 16 bytes an id of their own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const id = idFromBytes('user', bytes);
        expect(isId('user', id)).toBe(true);
        expect([...idBytes('user', id)]).toEqual([...bytes]);
      }),
    );
  });

  it('refuses a text that is no id, is of another kind, or does not fit into 128 bits', () => {
    expect(() => idBytes('user', 'usr_short')).toThrow(RangeError);
    expect(() => idBytes('user', newId('tenant'))).toThrow(RangeError);
    expect(() => idBytes('user', `usr_8${'0'.repeat(25)}`)).toThrow(RangeError);
  });

  it('makes a sibling of the same moment, the same each time', () => {
    const tenant = newId('tenant', 1_790_000_000_123);
    const random = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 255]);
    const user = siblingId('user', tenant, random);
    expect(isId('user', user)).toBe(true);
    expect(idTime(user)).toBe(1_790_000_000_123);
    expect(siblingId('user', tenant, random)).toBe(user);
    expect(
      siblingId(
        'user',
        tenant,
        random.map((byte) => byte ^ 1),
      ),
    ).not.toBe(user);
  });
});
