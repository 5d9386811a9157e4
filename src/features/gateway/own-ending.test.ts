import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser } from '../../platform/sse.ts';
import { TokenCount } from '../../platform/tokens.ts';
import { CREDIT_LIMIT } from '../metering/index.ts';
import { type ConversationEvent, codecFor, NO_USAGE, type WireFormat } from '../providers/index.ts';
import { markedEvents } from './credit-limit.ts';
import { endingOf, eventsWithin } from './own-ending.ts';

const FORMATS = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const;
const START = { type: 'start', id: 'answer_1', model: 'a-model', created: 1_700_000_000_000 } as const;
const USAGE = { ...NO_USAGE, inputTokens: 12, outputTokens: 34 };

/** An answer: thoughts, text and calls, in any order, with an end. */
const answers = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant('text' as const), text: fc.string({ minLength: 1, maxLength: 12 }) }),
      fc.record({ kind: fc.constant('thought' as const), text: fc.string({ minLength: 1, maxLength: 12 }) }),
      fc.record({ kind: fc.constant('call' as const), text: fc.constant('{"a":1}') }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts): ConversationEvent[] => {
    const events: ConversationEvent[] = [START];
    let call = 0;
    parts.forEach(({ kind, text }, block) => {
      if (kind === 'text') events.push({ type: 'text', choice: 0, text });
      else if (kind === 'thought') events.push({ type: 'reasoning', choice: 0, block, text });
      else {
        events.push({ type: 'tool_call_start', choice: 0, call, id: `call_${call}`, name: 'look' });
        events.push({ type: 'tool_call_arguments', choice: 0, call: call++, fragment: text });
      }
    });
    return [
      ...events,
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'usage', usage: USAGE },
      { type: 'end' },
    ];
  });

function wireOf(format: WireFormat, events: readonly ConversationEvent[]): string {
  const encoder = codecFor(format).streamEncoder({ model: START.model, includeUsage: true });
  return events.map((event) => encoder.event(event)).join('');
}

function decoded(format: WireFormat, text: string): ConversationEvent[] {
  const decoder = codecFor(format).streamDecoder();
  const parser = createSseParser();
  const events = parser.push(new TextEncoder().encode(text)).flatMap((event) => decoder.event(event));
  return [...events, ...decoder.end()];
}

const saidOf = (events: readonly ConversationEvent[]) =>
  events
    .flatMap((event) => (event.type === 'text' || event.type === 'reasoning' ? [event.text] : []))
    .join('');

describe.each(FORMATS)('a stream of %s that is ended in the middle', (format) => {
  it('reads as a whole answer that reached its bound, wherever it is cut', () => {
    fc.assert(
      fc.property(answers, fc.nat(), (events, at) => {
        const blocks = wireOf(format, events).split(/(?<=\n\n)/);
        // Somewhere before its own end.
        const last = blocks.findIndex((block) =>
          /finish_reason":"|message_delta|response\.completed/.test(block),
        );
        const passed = blocks.slice(0, 1 + (at % Math.max(1, last - 1))).join('');
        const ending = markedEvents(
          endingOf({ format, start: START, passed, open: [0], includeUsage: true, usage: USAGE }),
        );
        const all = decoded(format, passed + ending);
        expect(all.some(({ type }) => type === 'error')).toBe(false);
        expect(all.findLast(({ type }) => type === 'finish')).toMatchObject({ reason: 'length' });
        expect(all.at(-1)).toEqual({ type: 'end' });
        expect(all.findLast(({ type }) => type === 'usage')).toMatchObject({ usage: { outputTokens: 34 } });
        expect(saidOf(events).startsWith(saidOf(all))).toBe(true);
        expect(ending.split(CREDIT_LIMIT)).toHaveLength(2);
      }),
      { numRuns: 300 },
    );
  });

  it('passes what stays within its tokens and nothing of its own end', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 0, max: 40 }), (events, most) => {
        const { text, said } = eventsWithin(wireOf(format, events), format, new TokenCount(), most);
        expect(said.tokens).toBeLessThanOrEqual(most);
        expect(text).not.toMatch(/finish_reason":"|message_delta|response\.completed|\[DONE\]/);
        const passed = decoded(format, text).filter(({ type }) => type !== 'error');
        expect(saidOf(events).startsWith(saidOf(passed))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
