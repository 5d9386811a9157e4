import { describe, expect, it } from 'vitest';
import { pricePerMillion } from '../../platform/money.ts';
import { USUAL_LENGTHS } from '../routing/index.ts';
import { holdFor } from './hold.ts';

/** A token of input is 2,000 nano-dollars, one of output 10,000. */
const PRICES = { input: pricePerMillion(2), output: pricePerMillion(10) };
const MODEL = { id: 'openai/a', prices: PRICES, maxOutputTokens: null };
const CALL = { feature: 'chat', inputTokens: 100, maxTokens: null } as const;
const learned = { usual: () => 0, likely: () => 3_000 };

describe('what is held for a call', () => {
  it('is its input with a margin, and the output that is likely', () => {
    expect(holdFor(MODEL, CALL, USUAL_LENGTHS)?.cost).toBe(125 * 2_000 + 1_200 * 10_000);
    expect(holdFor(MODEL, CALL, learned)?.cost).toBe(125 * 2_000 + 3_000 * 10_000);
  });

  it('is no more than the request lets the model say, nor than it can', () => {
    expect(holdFor(MODEL, { ...CALL, maxTokens: 50 }, learned)?.cost).toBe(125 * 2_000 + 50 * 10_000);
    expect(holdFor({ ...MODEL, maxOutputTokens: 80 }, CALL, learned)?.cost).toBe(125 * 2_000 + 80 * 10_000);
    expect(holdFor(MODEL, { ...CALL, maxTokens: 100_000 }, learned)?.cost).toBe(125 * 2_000 + 3_000 * 10_000);
  });

  it('is unknown for a model without a price, and nothing for one that is free', () => {
    expect(holdFor({ ...MODEL, prices: null }, CALL, learned)).toBeNull();
    const half = { input: pricePerMillion(2) };
    expect(holdFor({ ...MODEL, prices: half }, CALL, learned)).toBeNull();
    const free = { input: pricePerMillion(0), output: pricePerMillion(0) };
    expect(holdFor({ ...MODEL, prices: free }, CALL, learned)?.cost).toBe(0);
  });

  it('needs no price of output for embeddings', () => {
    const prices = { input: pricePerMillion(2) };
    expect(
      holdFor({ ...MODEL, prices }, { ...CALL, feature: 'embeddings', maxTokens: 0 }, learned)?.cost,
    ).toBe(250_000);
  });
});
