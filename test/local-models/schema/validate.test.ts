import { describe, expect, it } from 'vitest';
import { isValid } from './validate.ts';

describe('the validator', () => {
  it.each<[object, unknown, boolean]>([
    [{ type: 'integer' }, 1.5, false],
    [{ type: 'STRING' }, 'x', true],
    [{ type: 'STRING', nullable: true }, null, true],
    [{ minLength: 2 }, '\u{1F600}', false],
    [{ multipleOf: 0.1 }, 0.3, true],
    [{ exclusiveMinimum: 3 }, 3, false],
    [{ uniqueItems: true }, [1, 1], false],
    [{ contains: { const: 2 } }, [1], false],
    [{ prefixItems: [{ type: 'string' }], items: false }, ['a', 'b'], false],
    [{ required: ['a'] }, {}, false],
    [{ required: ['toString'] }, {}, false],
    [{ additionalProperties: false, properties: { a: {} } }, { b: 1 }, false],
    [{ patternProperties: { '^x': { type: 'number' } }, additionalProperties: false }, { x1: 'a' }, false],
    [{ propertyNames: { enum: ['a'] } }, { b: 1 }, false],
    [{ oneOf: [{ type: 'number' }, { minimum: 3 }] }, 4, false],
    [{ oneOf: [{ type: 'number' }, { minimum: 3 }] }, 2, true],
    [{ not: { type: 'null' } }, null, false],
    // biome-ignore lint/suspicious/noThenProperty: it is JSON schema's keyword.
    [{ if: { const: 1 }, then: false }, 1, false],
    [{ $defs: { a: { type: 'null' } }, properties: { x: { $ref: '#/$defs/a' } } }, { x: 1 }, false],
    [{ $ref: '#/$defs/a%20~1b', $defs: { 'a /b': { const: 1 } } }, 1, true],
  ])('judges %j for %j', (schema, value, valid) => {
    expect(isValid(schema as { [key: string]: unknown }, schema as { [key: string]: unknown }, value)).toBe(
      valid,
    );
  });
});
