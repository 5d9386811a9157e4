import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser, formatSse, readSse, type SseEvent, SseOverflowError } from './sse.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function parse(chunks: readonly Uint8Array[]): SseEvent[] {
  const parser = createSseParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

const STREAM =
  ': comment\r\nevent: start\r\nid: 7\r\ndata: {"text":"héllo – 日本語 🎉"}\r\n\r\ndata: one\rdata: two\r\rdata\n\n\ndata:no space\nretry: 5\nunknown: x\n\nevent: dropped\ndata: never ends';

const EXPECTED: SseEvent[] = [
  { event: 'start', id: '7', data: '{"text":"héllo – 日本語 🎉"}' },
  { event: 'message', id: '7', data: 'one\ntwo' },
  { event: 'message', id: '7', data: '' },
  { event: 'message', id: '7', data: 'no space' },
];

describe('the event-stream parser', () => {
  it('reads every line ending, comments, ids and multi-line data, and drops an event without its blank line', () => {
    expect(parse([bytes(STREAM)])).toEqual(EXPECTED);
  });

  it('gives the same events for a cut at every byte, also inside a character and inside CR LF', () => {
    const whole = bytes(STREAM);
    for (let cut = 0; cut <= whole.length; cut++) {
      expect(parse([whole.subarray(0, cut), whole.subarray(cut)])).toEqual(EXPECTED);
    }
    expect(parse([...whole].map((byte) => Uint8Array.of(byte)))).toEqual(EXPECTED);
  });

  it('reads back whatever the writer wrote, in any cut', () => {
    const field = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\0]/g, ' ').trim());
    const event = fc.record({
      event: field.filter((name) => name !== ''),
      id: field,
      data: fc.string({ unit: 'grapheme' }),
    });
    fc.assert(
      fc.property(fc.array(event), fc.array(fc.nat(40)), (events, cuts) => {
        const whole = bytes(events.map((one) => formatSse(one)).join(''));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(whole.subarray(at, at + cut));
          at += cut;
        }
        chunks.push(whole.subarray(at));
        const expected = events.map((one) => ({ ...one, data: one.data.replaceAll(/\r\n|\r/g, '\n') }));
        expect(parse(chunks)).toEqual(expected);
      }),
    );
  });

  it('gives up on a line or an event beyond its bound, in linear time', () => {
    const line = createSseParser(1000);
    expect(() => {
      for (let i = 0; i < 20; i++) line.push(bytes('x'.repeat(100)));
    }).toThrow(SseOverflowError);
    const event = createSseParser(1000);
    expect(() => {
      for (let i = 0; i < 20; i++) event.push(bytes(`data: ${'x'.repeat(94)}\n`));
    }).toThrow(SseOverflowError);
  });

  it('cancels the body when its reader stops early', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes('data: more\n\n')),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const event of readSse(body)) {
      expect(event.data).toBe('more');
      break;
    }
    expect(cancelled).toBe(true);
  });
});
