import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../platform/errors.ts';
import { createSseParser } from '../../../platform/sse.ts';
import { MalformedUpstreamError } from '../codec.ts';
import { WIRE_FORMATS } from '../conversation.ts';
import * as arbitraries from './arbitraries.ts';
import { codecFor } from './index.ts';

const OPTIONS = { model: 'test-model', includeUsage: true };
const PATH = { model: 'test-model', stream: true };

/** Values that a field is never meant to have, and some that it may. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    [],
    {},
    '',
    -1,
    1e308,
    'toString',
    [[]],
    [null],
    { type: 'text' },
    { __proto__: null },
  ),
);

/** A JSON value with one place in it replaced, removed or added to. */
function spoiled(value: unknown, way: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = way;
  if (step === undefined || typeof value !== 'object' || value === null) return replacement;
  if (Array.isArray(value)) {
    if (value.length === 0) return [replacement];
    const at = step % value.length;
    return value.map((item: unknown, index) => (index === at ? spoiled(item, rest, replacement) : item));
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return { type: replacement };
  const at = step % entries.length;
  return Object.fromEntries(
    entries.map(([key, item], index) => [key, index === at ? spoiled(item, rest, replacement) : item]),
  );
}

const way = fc.array(fc.nat(40), { minLength: 1, maxLength: 7 });

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

/** The error that a call ends with; `undefined` when it does not. */
function thrown(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(WIRE_FORMATS)('%s', (format) => {
  const codec = codecFor(format);

  it('reads any JSON as a request or refuses it with a field to blame', () => {
    const readOrRefused = (body: unknown): void => {
      const error = thrown(() => codec.decodeRequest(body, PATH));
      if (error === undefined) return;
      expect(error).toBeInstanceOf(ParallaxError);
      const { code, param, message } = error as ParallaxError;
      expect(['malformed_request', 'invalid_parameter']).toContain(code);
      if (code === 'invalid_parameter') expect(param).not.toBe('');
      expect(message).not.toMatch(/undefined|\[object/);
    };
    fc.assert(fc.property(anything, readOrRefused));
    fc.assert(
      fc.property(arbitraries.request, way, anything, (request, steps, value) =>
        readOrRefused(spoiled(asJson(codec.encodeRequest(request).body), steps, value)),
      ),
      { numRuns: 400 },
    );
  });

  it('can encode every request that it could read', () => {
    fc.assert(
      fc.property(arbitraries.request, way, anything, (request, steps, value) => {
        const body = spoiled(asJson(codec.encodeRequest(request).body), steps, value);
        fc.pre(thrown(() => codec.decodeRequest(body, PATH)) === undefined);
        const { request: read } = codec.decodeRequest(body, PATH);
        for (const other of WIRE_FORMATS) JSON.stringify(codecFor(other).encodeRequest(read).body);
      }),
      { numRuns: 100 },
    );
  });

  it('reads any JSON as an answer or calls it malformed', () => {
    const readOrMalformed = (body: unknown): void => {
      const error = thrown(() => codec.decodeResponse(body));
      if (error !== undefined) expect(error).toBeInstanceOf(MalformedUpstreamError);
    };
    fc.assert(fc.property(anything, readOrMalformed));
    fc.assert(
      fc.property(arbitraries.response, way, anything, (response, steps, value) =>
        readOrMalformed(spoiled(asJson(codec.encodeResponse(response, OPTIONS)), steps, value)),
      ),
      { numRuns: 400 },
    );
  });

  it('reads any event of a stream or calls it malformed, and ends every stream once', () => {
    fc.assert(
      fc.property(arbitraries.stream, fc.nat(40), way, anything, (events, place, steps, value) => {
        const encoder = codec.streamEncoder(OPTIONS);
        const text = events.map((event) => encoder.event(event)).join('');
        const wire = createSseParser().push(new TextEncoder().encode(text));
        const decoder = codec.streamDecoder();
        const types: string[] = [];
        const error = thrown(() => {
          for (const [index, event] of wire.entries()) {
            const parsed: unknown =
              index === place % wire.length ? spoil(event.data, steps, value) : event.data;
            types.push(...decoder.event({ ...event, data: String(parsed) }).map(({ type }) => type));
          }
          types.push(...decoder.end().map(({ type }) => type));
        });
        if (error !== undefined) expect(error).toBeInstanceOf(MalformedUpstreamError);
        else expect(types.filter((type) => type === 'end' || type === 'error')).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it('survives nesting that a call stack does not', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(60_000)}1${'}'.repeat(60_000)}`);
    fc.assert(
      fc.property(arbitraries.request, arbitraries.response, way, (request, response, steps) => {
        const body = spoiled(asJson(codec.encodeRequest(request).body), steps, deep);
        const refused = thrown(() => codec.decodeRequest(body, PATH));
        if (refused !== undefined) expect(refused).toBeInstanceOf(ParallaxError);
        const answer = spoiled(asJson(codec.encodeResponse(response, OPTIONS)), steps, deep);
        const unread = thrown(() => codec.decodeResponse(answer));
        if (unread !== undefined) expect(unread).toBeInstanceOf(MalformedUpstreamError);
      }),
      { numRuns: 25 },
    );
  });

  it('reads any text as an error, within bounds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        fc.oneof(fc.string(), fc.json(), anything),
        (status, value) => {
          const wrapped = typeof value === 'string' ? value : JSON.stringify({ error: value });
          const info = codec.decodeError(status, wrapped);
          expect(info.message).not.toBe('');
          expect(info.message.length).toBeLessThanOrEqual(1_000);
          expect(codec.encodeError(info).status).toBeGreaterThanOrEqual(400);
        },
      ),
    );
  });
});

function spoil(data: string, steps: readonly number[], value: unknown): string {
  const parsed = ((): unknown => {
    try {
      return JSON.parse(data) as unknown;
    } catch {
      return data;
    }
  })();
  return JSON.stringify(spoiled(parsed, steps, value)) ?? 'null';
}
