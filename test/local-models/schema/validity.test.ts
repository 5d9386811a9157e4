import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { gatherEvidence } from '../reading/evidence.ts';
import { readFences } from '../reading/fences.ts';
import { fillSchema } from './fill.ts';
import { isValid } from './validate.ts';

const prompt = `<data label="answer A">Indexes speed up reads of tables. Redis needs a server.</data>
<data label="answer B">Indexes speed up reads of tables. SQLite runs inside the process.</data>`;
const answered = gatherEvidence('Redis or SQLite?', readFences(prompt).blocks, []);
const alone = gatherEvidence('What is the weather in Paris for 5 days?', [], ['Clouds hold water.']);

const names = fc.constantFrom(
  'agreements',
  'disagreements',
  'label',
  'score',
  'winner',
  'claims',
  'holders',
  'text',
  'holds',
  'rank',
  'count',
  'positions',
  'title',
  'city',
);
const bounds = (low: string, high: string, from: number, to: number) =>
  fc
    .tuple(fc.integer({ min: from, max: to }), fc.nat(6), fc.boolean(), fc.boolean())
    .map(([least, more, hasLow, hasHigh]) => ({
      ...(hasLow ? { [low]: least } : {}),
      ...(hasHigh ? { [high]: least + more } : {}),
    }));
const { schema: anySchema } = fc.letrec<{ schema: object; object: object }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    bounds('minLength', 'maxLength', 0, 60).map((limits) => ({ type: 'string', ...limits })),
    fc
      .constantFrom('^[A-Z]{2,4}-\\d+$', '^(yes|no)$', '^[^a-z]{3}$')
      .map((pattern) => ({ type: 'string', pattern })),
    bounds('minimum', 'maximum', -50, 50).map((limits) => ({ type: 'integer', ...limits })),
    bounds('minimum', 'maximum', -50, 50).map((limits) => ({ type: 'number', ...limits })),
    fc
      .integer({ min: -5, max: 5 })
      .map((low) => ({ type: 'number', exclusiveMinimum: low, exclusiveMaximum: low + 1 })),
    fc.constantFrom<object>(
      { type: 'boolean' },
      { type: 'null' },
      { enum: ['answer A', 'answer B'] },
      { enum: ['low', 'high'] },
      { const: 42 },
      { type: ['string', 'null'] },
    ),
    tie('object'),
    fc
      .tuple(tie('schema'), bounds('minItems', 'maxItems', 0, 5))
      .map(([items, limits]) => ({ type: 'array', items, ...limits })),
    fc.tuple(tie('schema'), tie('schema')).map((anyOf) => ({ anyOf })),
    tie('object').map((inner) => ({ allOf: [inner] })),
  ),
  object: fc
    .tuple(fc.dictionary(names, tie('schema'), { maxKeys: 5 }), fc.boolean(), fc.boolean())
    .map(([properties, required, closed]) => ({
      type: 'object',
      properties,
      ...(required ? { required: Object.keys(properties) } : {}),
      ...(closed ? { additionalProperties: false } : {}),
    })),
}));

describe('every filled schema', () => {
  it('is valid, as zod judges it', () => {
    fc.assert(
      fc.property(anySchema, fc.boolean(), (schema, withAnswers) => {
        // The filler's objects have no prototype; zod wants them as JSON brings them.
        const filled: unknown = JSON.parse(
          JSON.stringify(fillSchema(schema, withAnswers ? answered : alone)),
        );
        const judged = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(filled);
        expect(judged.error?.issues ?? []).toEqual([]);
        expect(
          isValid(schema as { [key: string]: unknown }, schema as { [key: string]: unknown }, filled),
        ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
