import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgress } from './progress.ts';

describe('progress', () => {
  it('only ever increases, and no beat reaches the next step', async () => {
    const events = fc.array(fc.oneof(fc.constant('beat' as const), fc.constant('step' as const)), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(events, async (list) => {
        const sent: number[] = [];
        const progress = createProgress(async (step) => {
          sent.push(step.progress);
        });
        let done = 0;
        await progress.report(0, 100, 'start');
        for (const event of list) {
          if (event === 'step') {
            done += 1;
            await progress.report(done, 100, 'step');
          } else await progress.beat('beat');
          expect(sent.at(-1)).toBeLessThan(done + 1);
        }
        expect(sent.every((value, index) => index === 0 || value > (sent[index - 1] ?? 0))).toBe(true);
      }),
    );
  });

  it('says nothing twice for the same step', async () => {
    const sent: string[] = [];
    const progress = createProgress(async (step) => {
      sent.push(step.message);
    });
    await progress.report(1, 3, 'one');
    await progress.report(1, 3, 'one again');
    expect(sent).toEqual(['one']);
  });
});
