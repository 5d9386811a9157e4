import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idTime, isId, newId } from './ids.ts';

describe('ids', () => {
  it('say what they name and when it was made', () => {
    const id = newId('run', 1_790_000_000_123);
    expect(id).toMatch(/^run_[0-9A-Z]{26}$/);
    expect(isId('run', id)).toBe(true);
    expect(isId('tenant', id)).toBe(false);
    expect(idTime(id)).toBe(1_790_000_000_123);
  });

  it('sort by time as text', () => {
    const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [x, y] = [newId('run', a).slice(0, 14), newId('run', b).slice(0, 14)];
        expect(Math.sign(a - b)).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });
});
