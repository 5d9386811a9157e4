import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { response as arbitraryResponse } from '../providers/wire/arbitrary-answers.ts';
import { AnswerBuilder, replayEvents } from './answer-builder.ts';

describe('an answer told as a stream and put together again', () => {
  it('is the same answer', () => {
    fc.assert(
      fc.property(arbitraryResponse, (response) => {
        const builder = new AnswerBuilder();
        builder.add([...replayEvents(response)]);
        // No event tells the tier.
        const { serviceTier: _, ...told } = response;
        expect(builder.response()).toEqual(told);
      }),
    );
  });
});
