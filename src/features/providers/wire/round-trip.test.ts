import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser } from '../../../platform/sse.ts';
import type { WireCodec } from '../codec.ts';
import {
  type ConversationEvent,
  type ConversationRequest,
  type ConversationResponse,
  type Dropped,
  type UpstreamErrorInfo,
  type UpstreamErrorKind,
  WIRE_FORMATS,
} from '../conversation.ts';
import { type Answer, answerOfEvents, answerOfResponse, sayable } from './answer-comparison.ts';
import * as arbitraries from './arbitraries.ts';
import { lostBetween } from './comparison.ts';
import { ReportedUpstreamError } from './fields.ts';
import { codecFor } from './index.ts';

/** Every ordered pair of formats, and each with itself. */
const PAIRS = WIRE_FORMATS.flatMap((from) => WIRE_FORMATS.map((to) => [from, to] as const));

const OPTIONS = { model: 'test-model', includeUsage: true };

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** A request through a format's wire and back. */
function throughWire(
  codec: WireCodec,
  request: ConversationRequest,
): { back: ConversationRequest; dropped: readonly Dropped[] } {
  const { body, dropped } = codec.encodeRequest(request);
  const path = { model: request.model, stream: request.stream };
  const decoded = codec.decodeRequest(asJson(body), path);
  expect(decoded.dropped, 'a codec cannot read what it wrote').toEqual([]);
  return { back: decoded.request, dropped };
}

/** An answer through a format's wire and back. */
function answerThroughWire(codec: WireCodec, response: ConversationResponse): ConversationResponse {
  return codec.decodeResponse(asJson(codec.encodeResponse(response, OPTIONS)));
}

/** A stream through a format's wire and back, its bytes cut at arbitrary places. */
function streamThroughWire(
  codec: WireCodec,
  events: readonly ConversationEvent[],
  cuts: readonly number[],
): ConversationEvent[] {
  const encoder = codec.streamEncoder(OPTIONS);
  const bytes = new TextEncoder().encode(events.map((event) => encoder.event(event)).join(''));
  const parser = createSseParser();
  const decoder = codec.streamDecoder();
  const back: ConversationEvent[] = [];
  for (const piece of arbitraries.cutAt(bytes, cuts))
    for (const event of parser.push(piece)) back.push(...decoder.event(event));
  back.push(...decoder.end());
  expect(decoder.end()).toEqual([]);
  return back;
}

const cuts = fc.array(fc.nat(100_000), { maxLength: 30 });

/** Broken answers are told in different ways, as a reason or as an error: they have a test of their own. */
function isWhole(answer: Answer): boolean {
  return answer.last === 'end' && answer.choices.every(({ finishReason }) => finishReason !== 'error');
}

describe.each(PAIRS)('a conversation in %s, sent on in %s', (from, to) => {
  const [first, second] = [codecFor(from), codecFor(to)];

  it('keeps of a request what both formats can say, and names the rest', () => {
    fc.assert(
      fc.property(arbitraries.request, (request) => {
        const there = throughWire(first, request);
        expect(lostBetween(request, there.dropped, there.back, from)).toBeUndefined();
        const on = throughWire(second, there.back);
        expect(lostBetween(there.back, on.dropped, on.back, to)).toBeUndefined();
      }),
    );
  });

  it('keeps of an answer what both formats can say', () => {
    fc.assert(
      fc.property(arbitraries.response, (response) => {
        fc.pre(isWhole(answerOfResponse(response)));
        const there = answerThroughWire(first, response);
        expect(answerOfResponse(there)).toEqual(sayable(from, answerOfResponse(response)));
        fc.pre(isWhole(answerOfResponse(there)));
        const on = answerThroughWire(second, there);
        expect(answerOfResponse(on)).toEqual(sayable(to, answerOfResponse(there)));
      }),
    );
  });

  it('keeps of a stream what both formats can say, wherever its bytes are cut', () => {
    fc.assert(
      fc.property(arbitraries.stream, cuts, (events, places) => {
        fc.pre(isWhole(answerOfEvents(events)));
        const there = streamThroughWire(first, events, places);
        expect(answerOfEvents(there)).toEqual(sayable(from, answerOfEvents(events)));
        fc.pre(isWhole(answerOfEvents(there)));
        const on = streamThroughWire(second, there, places);
        expect(answerOfEvents(on)).toEqual(sayable(to, answerOfEvents(there)));
      }),
    );
  });

  it('never turns a broken stream into a whole one', () => {
    fc.assert(
      fc.property(arbitraries.stream, fc.nat(100), (events, place) => {
        const said = events.filter(({ type }) => type !== 'finish' && type !== 'end');
        const cut = said.slice(0, 1 + (place % said.length));
        const error = { kind: 'overloaded', message: 'Too much at once.' } as const;
        const there = streamThroughWire(first, [...cut, { type: 'error', error }], []);
        expect(there.at(-1)).toMatchObject({ type: 'error', error });
        const on = streamThroughWire(second, there, []);
        expect(on.at(-1)).toMatchObject({ type: 'error', error });
        expect(there.filter(({ type }) => type === 'end')).toEqual([]);
        expect(on.filter(({ type }) => type === 'end')).toEqual([]);
      }),
    );
  });
});

describe.each(WIRE_FORMATS)('an answer broken off, told in %s', (format) => {
  const codec = codecFor(format);

  it('never reads as whole', () => {
    fc.assert(
      fc.property(arbitraries.response, (response) => {
        const broken = {
          ...response,
          choices: response.choices.map((choice) => ({
            ...choice,
            finishReason: 'error' as const,
            parts: [],
          })),
        };
        const wire = asJson(codec.encodeResponse(broken, OPTIONS));
        let reason: string;
        try {
          reason = codec.decodeResponse(wire).choices[0]?.finishReason ?? 'none';
        } catch (error) {
          expect(error).toBeInstanceOf(ReportedUpstreamError);
          reason = 'error';
        }
        expect(reason).toBe('error');
      }),
    );
  });

  it('never streams as whole', () => {
    fc.assert(
      fc.property(arbitraries.stream, (events) => {
        const said = events.filter(({ type }) => type !== 'refusal' && !type.startsWith('tool_call'));
        const broken = said.map((event) =>
          event.type === 'finish' ? { ...event, reason: 'error' as const } : event,
        );
        expect(isWhole(answerOfEvents(streamThroughWire(codec, broken, [])))).toBe(false);
      }),
    );
  });
});

/** Kinds that a format’s errors tell alike, and what they read as. */
const ALIKE: Partial<Record<UpstreamErrorKind, UpstreamErrorKind>> = {
  malformed: 'server_error',
  connection: 'server_error',
};
const KINDS: readonly UpstreamErrorKind[] = [
  'invalid_request',
  'authentication',
  'permission',
  'not_found',
  'too_large',
  'rate_limited',
  'quota_exceeded',
  'content_policy',
  'context_length',
  'overloaded',
  'timeout',
  'server_error',
  'malformed',
  'connection',
];

describe.each(PAIRS)('an error in %s, told on in %s', (from, to) => {
  it.each(KINDS)('stays %s', (kind) => {
    let error: UpstreamErrorInfo = { kind, message: 'What happened.' };
    for (const codec of [codecFor(from), codecFor(to)]) {
      const { status, body } = codec.encodeError(error);
      error = codec.decodeError(status, JSON.stringify(body));
    }
    expect([kind, ALIKE[kind] ?? kind]).toContain(error.kind);
    expect(error.message).toBe('What happened.');
  });
});
