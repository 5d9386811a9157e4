import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventCutter, editEvents, lastBoundary } from './stream-edit.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);

describe('the end of the last whole event', () => {
  it.each([
    ['data: 1\n\ndata: 2', 9],
    ['data: 1\r\n\r\ndata: 2', 11],
    ['data: 1\r\rdata: 2', 9],
    ['data: 1\n\r\nx', 10],
    ['data: 1\n', 0],
    ['\n', 0],
    ['', 0],
    ['data: 1\n\n', 9],
  ])('of %j is at %i', (stream, end) => {
    expect(lastBoundary(bytes(stream))).toBe(end);
  });
});

describe('cutting a stream into whole events', () => {
  it('gives each byte once, in order, and only whole events, however the stream is cut', () => {
    const event = fc
      .tuple(
        fc.constantFrom('data: {"a":1}', 'event: x\ndata: ü', ': ping', 'data: 1\ndata: 2'),
        fc.constantFrom('\n\n', '\r\n\r\n'),
      )
      .map(([body, end]) => body.replaceAll('\n', end === '\n\n' ? '\n' : '\r\n') + end);
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
        (events, sizes) => {
          const stream = bytes(events.join(''));
          const cutter = new EventCutter();
          let given = '';
          let at = 0;
          for (let i = 0; at < stream.length; i++) {
            const size = sizes[i % sizes.length] ?? 1;
            const whole = cutter.push(stream.slice(at, at + size));
            at += size;
            if (whole === null) continue;
            given += text(whole);
            expect(events.map((_, index) => events.slice(0, index + 1).join(''))).toContain(
              // A CRLF may be parted after its CR, which ends a blank line too.
              events.join('').startsWith(given) && given.endsWith('\r') ? `${given}\n` : given,
            );
          }
          expect(given.replace(/\n$/, '')).toBe(
            events.join('').replace(/\n$/, '').slice(0, given.replace(/\n$/, '').length),
          );
          expect(events.join('').length - given.length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('editing events', () => {
  const mark = (data: Record<string, unknown>) =>
    data.drop === true ? null : 'usage' in data ? { ...data, marked: true } : data;

  it('replaces, leaves out and leaves alone', () => {
    expect(
      editEvents(
        'data: {"a":1}\n\nevent: e\nid: 7\ndata: {"usage":2}\n\ndata: {"drop":true}\n\ndata: [DONE]\n\n',
        mark,
      ),
    ).toBe('data: {"a":1}\n\nevent: e\nid: 7\ndata: {"usage":2,"marked":true}\n\ndata: [DONE]\n\n');
  });

  it('leaves comments, broken JSON and other line endings as they are', () => {
    const stream = ': ping\n\ndata: {"usage"\n\ndata: {"b":1}\r\n\r\n';
    expect(editEvents(stream, mark)).toBe(stream);
    expect(editEvents('data: {"usage":1}\r\n\r\ndata: x\r\n\r\n', mark)).toBe(
      'data: {"usage":1,"marked":true}\n\ndata: x\r\n\r\n',
    );
  });
});
