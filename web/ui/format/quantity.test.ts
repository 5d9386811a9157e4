import { expect, it } from 'vitest';
import { compact, milliseconds, percent } from './quantity.ts';

it('says large numbers in three digits that matter', () => {
  expect([0, 12.345, 9_999, 10_000, 12_345, 999_600, 4_561_000, 2_000_000_000].map(compact)).toEqual([
    '0',
    '12.35',
    '9,999',
    '10k',
    '12.3k',
    '1M',
    '4.56M',
    '2B',
  ]);
});

it('says times in the unit that people think in', () => {
  expect([0, 999.4, 1_000, 1_240, 59_940, 60_000, 125_000].map(milliseconds)).toEqual([
    '0 ms',
    '999 ms',
    '1 s',
    '1.24 s',
    '59.9 s',
    '1 min',
    '2 min 5 s',
  ]);
});

it('says 100 % only where nothing is missing', () => {
  expect([1, 0.99999, 0.992, 0].map(percent)).toEqual(['100 %', '99.9 %', '99.2 %', '0 %']);
});
