import fc from 'fast-check';
import type { AssistantPart, CacheControl, JsonObject } from '../conversation.ts';

/** The small pieces that arbitrary conversations and answers are made of. */

export const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });

/** Drops the members that are undefined, as decoders do. */
export function present<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;
}

export const record = <Value extends object>(
  shape: { [K in keyof Value]: fc.Arbitrary<Value[K]> },
): fc.Arbitrary<Value> => fc.record(shape).map((value) => present(value as Value));

/** Text with line ends, quotes, emoji and the separators that break careless JSON or SSE. */
export const text: fc.Arbitrary<string> = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.constantFrom(
      'line\nline',
      '"quoted" \\ back',
      'data: x\n\n',
      '\u2028\u2029',
      '👩‍👩‍👧 ünïcödé',
      '{"a":1}',
      ' ',
    ),
  )
  .map((value) => value.toWellFormed());

export const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,15}$/);
export const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 24 })
  .map((bytes) => btoa(String.fromCharCode(...bytes)));
export const base64Text = text.map((value) => btoa(String.fromCharCode(...new TextEncoder().encode(value))));
export const cache: fc.Arbitrary<CacheControl> = fc.constantFrom({}, { ttl: '5m' }, { ttl: '1h' });

export const jsonObject: fc.Arbitrary<JsonObject> = fc
  .dictionary(word, fc.jsonValue({ maxDepth: 2, depthSize: 'small' }), { maxKeys: 3 })
  // Through JSON once, so that what JSON cannot say (negative zero) is gone.
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

export const reasoningPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  record({ type: fc.constant('reasoning' as const), text, signature: optional(base64), id: optional(word) }),
  record({
    type: fc.constant('reasoning' as const),
    text: fc.constant(''),
    encrypted: base64,
    id: optional(word),
  }),
);

/** Any number that JSON keeps, at two decimals so that a failing case reads well. */
export const real = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: min * 100, max: max * 100 }).map((value) => value / 100);
