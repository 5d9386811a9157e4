import { describe, expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

describe('the turnstile', () => {
  it('refuses twice, lets pass, and starts anew', () => {
    const turnstile = new Turnstile();
    expect([1, 2, 3, 4].map(() => turnstile.refuses('a'))).toEqual([true, true, false, true]);
  });

  it('forgets the oldest of more than 10,000 requests', () => {
    const turnstile = new Turnstile();
    turnstile.refuses('first');
    turnstile.refuses('first');
    for (let i = 0; i < 10_000; i++) turnstile.refuses(`other ${i}`);
    expect(turnstile.refuses('first')).toBe(true);
  });
});
