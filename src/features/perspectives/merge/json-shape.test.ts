import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeProblem } from './json-shape.ts';

const PERSON = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1 },
    age: { type: ['integer', 'null'], minimum: 0 },
    role: { enum: ['owner', 'guest'] },
    friends: { type: 'array', items: { $ref: '#' }, maxItems: 2 },
    home: { anyOf: [{ $ref: '#/$defs/place' }, { type: 'null' }] },
  },
  required: ['name', 'age'],
  additionalProperties: false,
  $defs: { place: { type: 'object', properties: { city: { const: 'Oslo' } }, required: ['city'] } },
};

describe('what is wrong with a value by a schema', () => {
  it.each<[unknown, string | null]>([
    [{ name: 'A', age: 3 }, null],
    [{ name: 'A', age: null, role: 'guest', home: { city: 'Oslo' }, friends: [{ name: 'B', age: 1 }] }, null],
    [[], 'the value must be of type object'],
    [{ name: 'A' }, 'age is missing'],
    [{ name: 'A', age: 3.5 }, 'age must be of type integer or null'],
    [{ name: '', age: 3 }, 'name is below 1'],
    [{ name: 'A', age: -1 }, 'age is below 0'],
    [{ name: 'A', age: 3, role: 'king' }, 'role is none of the values that it may have'],
    [{ name: 'A', age: 3, more: 1 }, 'more must not be there'],
    [{ name: 'A', age: 3, home: { city: 'Rome' } }, 'home fits none of the forms that it may have'],
    [{ name: 'A', age: 3, friends: [{ name: 'B' }] }, 'friends[0].age is missing'],
    [{ name: 'A', age: 3, friends: [1, 2, 3] }, 'friends has more than 2 items'],
    [JSON.parse('{"name":"A","age":3,"__proto__":1}'), '__proto__ must not be there'],
  ])('of %j is: %s', (value, problem) => {
    expect(shapeProblem(PERSON, value)).toBe(problem);
  });

  it('is told by every part of allOf, and by the schemas of the first items', () => {
    const both = { allOf: [{ required: ['a'] }, { properties: { b: { type: 'number' } } }] };
    expect(shapeProblem(both, { a: 1, b: 2 })).toBeNull();
    expect(shapeProblem(both, { b: 2 })).toBe('a is missing');
    expect(shapeProblem(both, { a: 1, b: 'x' })).toBe('b must be of type number');
    const pair = { prefixItems: [{ type: 'string' }], items: { type: 'number' }, minItems: 2 };
    expect(shapeProblem(pair, ['a', 1])).toBeNull();
    expect(shapeProblem(pair, [1, 1])).toBe('[0] must be of type string');
    expect(shapeProblem(pair, ['a', 'b'])).toBe('[1] must be of type number');
    expect(shapeProblem(pair, ['a'])).toBe('the value has fewer than 2 items');
  });

  it('is nothing where a schema says what is not checked here, or makes no sense', () => {
    expect(shapeProblem({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`)).toBeNull();
    expect(shapeProblem({ $ref: 'https://example.com/schema' }, 1)).toBeNull();
    expect(shapeProblem({ $ref: '#/$defs/none' }, 1)).toBeNull();
    expect(shapeProblem({ properties: 3, required: 'x', anyOf: 1, items: 2 }, { a: [1] })).toBeNull();
    expect(shapeProblem({ type: 'string', nullable: true }, null)).toBeNull();
  });

  it('comes to an end for schemas that lead in circles', () => {
    expect(shapeProblem({ $ref: '#' }, 1)).toBeNull();
    const branching = {
      anyOf: Array.from({ length: 8 }, () => ({ allOf: [{ $ref: '#' }, { type: 'object' }] })),
    };
    const started = Date.now();
    shapeProblem(branching, 1);
    expect(Date.now() - started).toBeLessThan(2000);
  });

  it('never throws, whatever schema and value are', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('type', 'enum', 'anyOf', 'items', 'properties', '$ref', 'required'),
          fc.jsonValue(),
        ),
        fc.jsonValue(),
        (schema, value) => {
          expect(() => shapeProblem(schema, value)).not.toThrow();
        },
      ),
    );
  });
});
