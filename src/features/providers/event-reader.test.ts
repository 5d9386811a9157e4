import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { collect, NO_ABORT } from './call-fixture.ts';
import { type ConversationEvent, WIRE_FORMATS } from './conversation.ts';
import { EventReader, type StreamOutcome } from './event-reader.ts';
import { StopSwitch } from './stop-switch.ts';
import { codecFor } from './wire/index.ts';

const EVENTS: readonly ConversationEvent[] = [
  { type: 'start', id: 'answer-1', model: 'm', created: 1_800_000_000_000 },
  ...['Grüße', ' aus', ' 🌍'].map((text) => ({ type: 'text', choice: 0, text }) as const),
  { type: 'finish', choice: 0, reason: 'stop' },
  {
    type: 'usage',
    usage: { inputTokens: 3, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 4, reasoningTokens: 0 },
  },
  { type: 'end' },
];

/** The events as a provider of the format would send them. */
function wireBytes(format: (typeof WIRE_FORMATS)[number]): Uint8Array {
  const encoder = codecFor(format).streamEncoder({ model: 'm', includeUsage: true });
  return new TextEncoder().encode(EVENTS.map((event) => encoder.event(event)).join(''));
}

function read(chunks: readonly Uint8Array[], format: (typeof WIRE_FORMATS)[number] = 'openai-chat') {
  const state = { pulled: 0, cancelled: false, outcomes: [] as StreamOutcome[] };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = chunks[state.pulled];
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
        state.pulled += 1;
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  const reader = new EventReader({
    body,
    decoder: codecFor(format).streamDecoder(),
    stop: new StopSwitch(NO_ABORT),
    clock: systemClock,
    idleMs: 1_000,
    providerName: 'Test',
    clean: (error) => error,
    onEnd: (outcome) => state.outcomes.push(outcome),
    onDefect: (cause) => {
      throw cause;
    },
  });
  return { reader, state };
}

/** The bytes cut at these places, each a share of the whole. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [0, ...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, i) => bytes.slice(at[i], end));
}

describe('reading a stream', () => {
  it.each(WIRE_FORMATS)('of %s gives the same text however its bytes are cut', async (format) => {
    const bytes = wireBytes(format);
    const place = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 40 }), async (places) => {
        const { reader, state } = read(cut(bytes, places), format);
        const { text, types } = await collect(reader);
        expect(text).toBe('Grüße aus 🌍');
        expect(types.at(-1)).toBe('end');
        expect(state.outcomes).toEqual([{ kind: 'completed' }]);
      }),
      { numRuns: 60 },
    );
  });

  it.each(WIRE_FORMATS)('of %s that stops before its end is an error, told once', async (format) => {
    const bytes = wireBytes(format);
    const half = bytes.slice(0, Math.floor(bytes.length / 2));
    const { reader, state } = read([half], format);
    const { events } = await collect(reader);
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { kind: 'connection' } });
    expect(state.outcomes).toHaveLength(1);
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  it('asks for no bytes before it is asked for events', async () => {
    const { reader, state } = read(cut(wireBytes('openai-chat'), [0.2, 0.4, 0.6, 0.8]));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(state.pulled).toBe(0);
    await reader.next();
    expect(state.pulled).toBe(1);
    await reader.return();
  });

  it('gives each event once, in order, to readers that do not wait for each other', async () => {
    const expected = (await collect(read([wireBytes('openai-chat')]).reader)).events;
    const { reader } = read(cut(wireBytes('openai-chat'), [0.1, 0.3, 0.5, 0.7, 0.9]));
    const results = await Promise.all(Array.from({ length: expected.length }, () => reader.next()));
    expect(results.map((result) => result.value)).toEqual(expected);
    expect((await reader.next()).done).toBe(true);
  });

  it('that is left cancels the body and says so once', async () => {
    const { reader, state } = read(cut(wireBytes('openai-chat'), [0.5]));
    await reader.next();
    await reader.return();
    await reader.return();
    expect(state.cancelled).toBe(true);
    expect(state.outcomes).toEqual([{ kind: 'cancelled' }]);
  });

  it('keeps back the announcement until there is something to say', async () => {
    const bytes = wireBytes('openai-chat');
    const { reader } = read([bytes]);
    await reader.begin(1_000);
    expect((await reader.next()).value).toMatchObject({ type: 'start' });
  });
});
