import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { estimateTokens } from '../../platform/tokens.ts';
import { NO_USAGE } from '../providers/index.ts';
import { producedUsage } from './produced-usage.ts';

const reported = { ...NO_USAGE, inputTokens: 100, outputTokens: 1 };

describe('what a call is charged for', () => {
  it('is the provider’s own figures when the answer is whole', () => {
    expect(
      producedUsage({
        reported,
        saidTokens: estimateTokens('long '.repeat(50)),
        whole: true,
        promptTokens: () => 7,
      }),
    ).toEqual({ usage: reported, estimated: false });
  });

  it('is nothing when nothing was produced, whatever the provider counted as input', () => {
    expect(
      producedUsage({
        reported: { ...reported, outputTokens: 0 },
        saidTokens: 0,
        whole: false,
        promptTokens: () => 7,
      }),
    ).toEqual({
      usage: NO_USAGE,
      estimated: false,
    });
    expect(
      producedUsage({ reported: null, saidTokens: 0, whole: false, promptTokens: () => 7 }).usage,
    ).toEqual(NO_USAGE);
  });

  it('is counted from what was said when a stream was cut, and says so', () => {
    const text = 'word '.repeat(20);
    expect(
      producedUsage({ reported, saidTokens: estimateTokens(text), whole: false, promptTokens: () => 7 }),
    ).toEqual({
      usage: { ...reported, outputTokens: estimateTokens(text) },
      estimated: true,
    });
    expect(
      producedUsage({
        reported: null,
        saidTokens: estimateTokens(text),
        whole: false,
        promptTokens: () => 7,
      }),
    ).toEqual({
      usage: { ...NO_USAGE, inputTokens: 7, outputTokens: estimateTokens(text) },
      estimated: true,
    });
  });

  it('never falls below what the provider reported as produced', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(5000), fc.boolean(), (text, outputTokens, whole) => {
        const { usage } = producedUsage({
          reported: { ...reported, outputTokens },
          saidTokens: estimateTokens(text),
          whole,
          promptTokens: () => 7,
        });
        expect(usage.outputTokens).toBeGreaterThanOrEqual(outputTokens);
      }),
    );
  });
});
