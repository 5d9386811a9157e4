import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../platform/errors.ts';
import {
  boundedMessage,
  count,
  integer,
  MAX_MESSAGE_LENGTH,
  number,
  oneOf,
  stringRecord,
  unknownFields,
} from './fields.ts';

describe('readers of JSON fields', () => {
  it('name the wrong field, within bounds, and what it must be', () => {
    const read = () => stringRecord({ ['k'.repeat(5_000)]: 7 }, 'metadata');
    expect(read).toThrow(ParallaxError);
    try {
      read();
    } catch (error) {
      expect((error as ParallaxError).param).toHaveLength(200);
    }
    expect(() => oneOf('toString', 'role', ['user', 'tool'])).toThrow(
      '`role` must be one of "user", "tool".',
    );
    expect(() => integer(1.5, 'n')).toThrow('`n` must be a whole number.');
    expect(() => number(Number.NaN, 'temperature')).toThrow('`temperature` must be a number.');
    expect(() => number(-1, 'temperature', 0)).toThrow('`temperature` must be at least 0.');
  });

  it('keep a field named like the prototype a field', () => {
    const body = JSON.parse('{"__proto__": {"polluted": 1}, "known": 2, "nothing": null}') as Record<
      string,
      unknown
    >;
    const rest = unknownFields(body, new Set(['known']));
    expect(Object.keys(rest ?? {})).toEqual(['__proto__']);
    expect((rest as { polluted?: unknown }).polluted).toBeUndefined();
    expect(unknownFields({ known: 1, nothing: null }, new Set(['known']))).toBeUndefined();
  });

  it('cut a sentence without cutting a character', () => {
    const cut = boundedMessage(`${'x'.repeat(MAX_MESSAGE_LENGTH - 2)}😀😀`);
    expect(cut).toBe(`${'x'.repeat(MAX_MESSAGE_LENGTH - 2)}…`);
    expect(boundedMessage('  short ')).toBe('short');
  });

  it('count only what can be counted', () => {
    expect([7, 7.4, 0, -1, Number.NaN, Infinity, '7', null].map(count)).toEqual([7, 7, 0, 0, 0, 0, 0, 0]);
  });
});
