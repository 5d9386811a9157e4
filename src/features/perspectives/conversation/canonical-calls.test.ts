import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calledTools, canonicalCalls, readArguments } from './canonical-calls.ts';

const call = (name: string, given: string) => ({ name, arguments: given });

/** The same JSON object with its members the other way round, at every depth, and other white space. */
function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, rewritten(member)]),
  );
}

describe('the canonical form of calls', () => {
  it('is equal for the same calls however their arguments are written, and in any order when they are made at once', () => {
    const calls = fc.array(
      fc.record({ name: fc.string(), value: fc.dictionary(fc.string(), fc.jsonValue()) }),
    );
    fc.assert(
      fc.property(calls, (made) => {
        const plain = made.map(({ name, value }) => call(name, JSON.stringify(value)));
        const other = made.map(({ name, value }) => call(name, JSON.stringify(rewritten(value), null, 2)));
        expect(canonicalCalls(other, true)).toBe(canonicalCalls(plain, true));
        expect(canonicalCalls(other.reverse(), false)).toBe(canonicalCalls(plain, false));
      }),
    );
  });

  it('tells other names, arguments and numbers of calls apart', () => {
    const forms = [
      [],
      [call('a', '{}')],
      [call('a', '{}'), call('a', '{}')],
      [call('b', '{}')],
      [call('a', '{"x":1}')],
      [call('a', '{"x":"1"}')],
      [call('a', '{"x":[1,2]}')],
      [call('a', '{"x":[2,1]}')],
      [call('a', 'not JSON')],
      [call('a({});"b', '{}')],
    ].map((calls) => canonicalCalls(calls, false));
    expect(new Set(forms).size).toBe(forms.length);
  });

  it('goes by the order of calls that are made one after the other', () => {
    const [one, two] = [call('a', '{}'), call('b', '{}')];
    expect(canonicalCalls([one, two], true)).not.toBe(canonicalCalls([two, one], true));
  });

  it('stands nesting beyond what can be walked', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect(canonicalCalls([call('a', deep)], false)).toBe(canonicalCalls([call('a', ` ${deep}`)], false));
  });
});

describe('the tools that calls use', () => {
  it('are the same for other arguments, and not for another number of calls', () => {
    const looks = (...given: string[]) =>
      calledTools(
        given.map((one) => call('look', one)),
        false,
      );
    expect(looks('{}')).toBe(looks('{"a":1}'));
    expect(looks('{}')).not.toBe(looks('{}', '{}'));
  });
});

describe('arguments', () => {
  it('are read when they are a JSON object', () => {
    expect(readArguments(' {"a": 1} ')).toEqual({ a: 1 });
    for (const text of ['', '[]', 'null', '"a"', '{"a":', '{}{}'])
      expect(readArguments(text)).toBeUndefined();
  });
});
