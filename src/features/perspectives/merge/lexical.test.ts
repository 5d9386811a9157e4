import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { centralities, lexicalAgreement, mostCentral } from './lexical.ts';

const TEXT = fc
  .array(
    fc.array(
      fc.constantFrom('river', 'delta', 'flows', 'the', 'to', 'sea', 'dam', '水', '河流入海', 'nord'),
      {
        minLength: 1,
        maxLength: 8,
      },
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((sentences) => sentences.map((words) => `${words.join(' ')}.`).join(' '));

describe('lexical agreement', () => {
  it('is 1 for the same sentences in another order, and 0 without a common word', () => {
    expect(
      lexicalAgreement('Rivers carry sand. Dams hold it back.', 'Dams hold it back. Rivers carry sand.'),
    ).toBe(1);
    expect(lexicalAgreement('Rivers carry sand.', 'Markets price risk.')).toBe(0);
    expect(lexicalAgreement('', 'Rivers carry sand.')).toBe(0);
  });

  it('ranks a paraphrase in shared words above a text on something else', () => {
    const text = 'A cache needs an expiry date. Without it stale entries stay forever.';
    const near = 'Every cache needs some expiry date; stale entries stay otherwise.';
    const far = 'Index the columns that the slow query filters on.';
    expect(lexicalAgreement(text, near)).toBeGreaterThan(0.3);
    expect(lexicalAgreement(text, near)).toBeGreaterThan(lexicalAgreement(text, far));
  });

  it('compares scripts without spaces by pairs of characters', () => {
    expect(lexicalAgreement('河流把沙子带到海里。', '河流把泥沙带到海里。')).toBeGreaterThan(0.4);
    expect(lexicalAgreement('河流把沙子带到海里。', '市场给风险定价。')).toBe(0);
  });

  it('is symmetric, between 0 and 1, and 1 of a text with itself', () => {
    fc.assert(
      fc.property(TEXT, TEXT, (a, b) => {
        const value = lexicalAgreement(a, b);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
        expect(lexicalAgreement(b, a)).toBeCloseTo(value, 12);
        expect(lexicalAgreement(a, a)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('bounds its work on long texts', () => {
    const long = Array.from(
      { length: 5000 },
      (_, n) => `Sentence number ${n} speaks of rivers and dams.`,
    ).join(' ');
    const started = performance.now();
    centralities(Array.from({ length: 12 }, (_, n) => `${n} ${long}`));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('the most central text', () => {
  it('is the one that says most of what the others say', () => {
    const texts = [
      'Sand moves. Dams block it.',
      'Sand moves. Fish migrate.',
      'Dams block it. Sand moves. Fish migrate.',
    ];
    expect(mostCentral(texts)).toBe(2);
  });

  it('is the longer of two', () => {
    expect(mostCentral(['Sand moves.', 'Sand moves downstream in floods.'])).toBe(1);
  });

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(TEXT, { minLength: 1, maxLength: 6 }), fc.integer(), (texts, turn) => {
        const by = ((turn % texts.length) + texts.length) % texts.length;
        const turned = [...texts.slice(by), ...texts.slice(0, by)];
        expect(turned[mostCentral(turned)]).toBe(texts[mostCentral(texts)]);
      }),
    );
  });
});
