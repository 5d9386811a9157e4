import { describe, expect, it } from 'vitest';
import { ZERO } from '../../platform/money.ts';
import type { EstimateLine } from './quote.ts';
import { expectedTokensOf } from './run-tokens.ts';

const line = (inputTokens: number, expected: number, maximum: number): EstimateLine => ({
  purpose: 'perspective',
  perspective: 0,
  modelId: 'local/swift',
  inputTokens,
  output: { expected, maximum },
  expected: ZERO,
  maximum: ZERO,
});

describe('what a run is estimated to use of its user’s tokens', () => {
  it('is for each call its input and the answer of a call by itself, or its bound where that is less', () => {
    expect(expectedTokensOf({ lines: [line(100, 300, 8_192), line(2_000, 50, 80)] })).toBe(
      100 + 1_200 + 2_000 + 80,
    );
  });

  it('leaves calls out that are made only when something goes wrong', () => {
    expect(expectedTokensOf({ lines: [line(100, 300, 8_192), line(0, 0, 8_192)] })).toBe(1_300);
  });
});
