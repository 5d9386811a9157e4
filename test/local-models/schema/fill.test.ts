import { describe, expect, it } from 'vitest';
import { gatherEvidence } from '../reading/evidence.ts';
import { readFences } from '../reading/fences.ts';
import { fillSchema } from './fill.ts';
import { isValid } from './validate.ts';

const A = 'Indexes speed up reads of large tables. Redis needs one more server to run.';
const B = 'Indexes speed up reads of large tables. SQLite runs inside the same process.';
const C = 'Bananas are yellow fruits.';
const QUESTION = 'Should reads of large tables use Redis or SQLite?';
const fenced = (texts: [string, string][]) =>
  texts.map(([label, text]) => `<data label="${label}">${text}</data>`).join('\n');
const evidenceOf = (texts: [string, string][]) =>
  gatherEvidence(
    QUESTION,
    readFences(`<data label="question">${QUESTION}</data>${fenced(texts)}`).blocks,
    [],
  );
const three = evidenceOf([
  ['answer A', A],
  ['answer B', B],
  ['answer C', C],
]);
const alone = gatherEvidence(
  'What is the weather in Paris for 5 days?',
  [],
  ['Most weather comes from the west.', 'Clouds hold water.'],
);

const text = { type: 'string' };
const label = { type: 'string', enum: ['answer A', 'answer B', 'answer C'] };
const list = (items: object) => ({ type: 'array', items });
const object = (properties: { [name: string]: object }) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

describe('filling a schema from fenced answers', () => {
  it('finds agreements with their holders and disagreements with who holds what', () => {
    const schema = object({
      agreements: list(object({ claim: text, held_by: list(label) })),
      disagreements: list(
        object({
          claim: text,
          held_by: list(label),
          positions: list(object({ label, holds: { type: 'boolean' } })),
        }),
      ),
    });
    const filled = fillSchema(schema, three);
    expect(filled).toEqual({
      agreements: [{ claim: 'Indexes speed up reads of large tables.', held_by: ['answer A', 'answer B'] }],
      disagreements: [
        ['Redis needs one more server to run.', 'answer A'],
        ['SQLite runs inside the same process.', 'answer B'],
        ['Bananas are yellow fruits.', 'answer C'],
      ].map(([claim, holder]) => ({
        claim,
        held_by: [holder],
        positions: ['answer A', 'answer B', 'answer C'].map((each) => ({
          label: each,
          holds: each === holder,
        })),
      })),
    });
  });

  it('computes scores from the answers: one off the question scores least and never wins', () => {
    const schema = object({
      scores: list(object({ label, score: { type: 'number', minimum: 0, maximum: 10 }, reason: text })),
      winner: label,
    });
    const filled = fillSchema(schema, three) as {
      scores: { label: string; score: number; reason: string }[];
      winner: string;
    };
    const [a, b, c] = filled.scores;
    expect(filled.scores.map((each) => each.label)).toEqual(['answer A', 'answer B', 'answer C']);
    expect(c?.score).toBeLessThan(Math.min(a?.score ?? 0, b?.score ?? 0));
    expect(filled.winner).not.toBe('answer C');
    expect(a?.reason).toContain('other answers hold 50% of its claims');
  });

  it('chooses the same answer when the order and the labels change', () => {
    const schema = object({ best: { type: 'string', enum: ['X', 'Y', 'Z'] } });
    const texts = [A, B, C];
    const chosen = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ].map((order) => {
      const { best } = fillSchema(
        schema,
        evidenceOf(order.map((at, place) => [`answer ${'XYZ'[place]}`, texts[at] ?? ''])),
      ) as { best: string };
      return texts[order['XYZ'.indexOf(best)] ?? 0];
    });
    expect(new Set(chosen).size).toBe(1);
  });

  it('gives weights that add up to one, as a list, as a map and as named properties', () => {
    const weight = { type: 'number', minimum: 0, maximum: 1 };
    const sum = (values: number[]) => values.reduce((all, each) => all + each, 0);
    const asList = fillSchema(object({ contributions: list(object({ label, weight })) }), three) as {
      contributions: { weight: number }[];
    };
    expect(sum(asList.contributions.map((each) => each.weight))).toBeCloseTo(1, 6);
    const asMap = fillSchema(
      object({ weights: { type: 'object', additionalProperties: weight } }),
      three,
    ) as { weights: { [label: string]: number } };
    expect(Object.keys(asMap.weights)).toEqual(['answer A', 'answer B', 'answer C']);
    const named = fillSchema(
      object({ A: object({ score: weight }), C: object({ score: weight }) }),
      three,
    ) as { A: { score: number }; C: { score: number } };
    expect(named.A.score).toBeGreaterThan(named.C.score);
  });

  it('ranks best first, and tells strengths from what is left out', () => {
    const filled = fillSchema(
      object({
        ranking: list(label),
        reviews: list(object({ label, strengths: list(text), weaknesses: list(text) })),
      }),
      three,
    ) as {
      ranking: string[];
      reviews: { strengths: string[]; weaknesses: string[] }[];
    };
    expect(filled.ranking.at(-1)).toBe('answer C');
    expect(filled.reviews[0]?.strengths).toContain('Redis needs one more server to run.');
    expect(filled.reviews[0]?.weaknesses).toContain(
      'It does not say: “SQLite runs inside the same process.”',
    );
  });

  it('writes a synthesis out of what is shared and what one alone adds', () => {
    const { content, quality } = fillSchema(
      object({ content: text, quality: { type: 'number', minimum: 0, maximum: 1 } }),
      three,
    ) as { content: string; quality: number };
    expect(content).toContain('Indexes speed up reads of large tables.');
    expect(content).toContain('answer B alone adds: SQLite runs inside the same process.');
    expect(quality).toBeGreaterThan(0);
    const worse = fillSchema(
      object({ quality: { type: 'number', minimum: 0, maximum: 1 } }),
      evidenceOf([
        ['answer A', C],
        ['answer B', 'Apples are red.'],
      ]),
    ) as { quality: number };
    expect(worse.quality).toBeLessThan(quality);
  });

  it('fills the form of a panel of judges: criteria, letters as labels, null for unclear, a tie', () => {
    const letter = { type: 'string', enum: ['A', 'B', 'C'] };
    const criterion = { type: 'number', description: '0 to 10: how good' };
    const schema = object({
      scores: list(
        object({
          label: letter,
          reason: text,
          accuracy: criterion,
          relevance: criterion,
          completeness: criterion,
          clarity: criterion,
        }),
      ),
      key_points: list(object({ point: text, held_by: list(letter) })),
      disagreements: list(
        object({
          claim: text,
          positions: list(
            object({ label: letter, holds: { anyOf: [{ type: 'boolean' }, { type: 'null' }] }, says: text }),
          ),
        }),
      ),
    });
    const filled = fillSchema(schema, three) as {
      scores: { label: string; accuracy: number; relevance: number }[];
      key_points: object[];
      disagreements: { positions: object[] }[];
    };
    expect(filled.scores.map((score) => score.label)).toEqual(['A', 'B', 'C']);
    expect(filled.scores[0]?.relevance).toBeGreaterThan(filled.scores[2]?.relevance ?? 10);
    expect(filled.scores[0]?.accuracy).toBeGreaterThan(filled.scores[2]?.accuracy ?? 10);
    expect(filled.key_points[0]).toEqual({
      point: 'Indexes speed up reads of large tables.',
      held_by: ['A', 'B'],
    });
    expect(filled.disagreements[0]?.positions).toEqual([
      { label: 'A', holds: true, says: 'Redis needs one more server to run.' },
      { label: 'B', holds: null, says: 'SQLite runs inside the same process.' },
      { label: 'C', holds: null, says: 'Bananas are yellow fruits.' },
    ]);
    const duel = {
      type: 'object',
      properties: { winner: { type: 'string', enum: ['A', 'B', 'tie'] } },
      required: ['winner'],
    };
    expect(
      fillSchema(
        duel,
        evidenceOf([
          ['answer A', A],
          ['answer B', A],
        ]),
      ),
    ).toEqual({ winner: 'tie' });
    expect(
      fillSchema(
        duel,
        evidenceOf([
          ['answer A', C],
          ['answer B', A],
        ]),
      ),
    ).toEqual({ winner: 'B' });
  });

  it('has no agreements where there are none, unless the schema insists', () => {
    const apart = evidenceOf([
      ['answer A', C],
      ['answer B', 'Redis needs one more server.'],
    ]);
    expect(fillSchema(object({ agreements: list(text) }), apart)).toEqual({ agreements: [] });
    expect(
      (fillSchema(object({ agreements: { ...list(text), minItems: 1 } }), apart) as { agreements: string[] })
        .agreements,
    ).toHaveLength(1);
  });

  it('takes the claims that a prompt states, and computes who holds each', () => {
    const stated = gatherEvidence(
      QUESTION,
      readFences(
        `${fenced([
          ['answer A', A],
          ['answer B', B],
        ])}<data label="claim 1">Redis needs one more server to run.</data>`,
      ).blocks,
      [],
    );
    const schema = object({
      claims: list(
        object({ claim: text, holders: list({ type: 'string', enum: ['answer A', 'answer B'] }) }),
      ),
    });
    expect(fillSchema(schema, stated)).toEqual({
      claims: [{ claim: 'Redis needs one more server to run.', holders: ['answer A'] }],
    });
  });
});

describe('filling a schema from a question alone', () => {
  it('takes names and numbers of the question for arguments', () => {
    expect(fillSchema(object({ city: text, days: { type: 'integer' }, query: text }), alone)).toEqual({
      city: 'Paris',
      days: 5,
      query: 'What is the weather in Paris for 5 days?',
    });
  });

  it('follows references that lead in a circle, and ends', () => {
    const schema = {
      $ref: '#/$defs/node',
      $defs: { node: object({ name: text, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } }) },
    };
    const filled = fillSchema(schema, alone);
    expect(isValid(schema, schema, filled)).toBe(true);
    expect(fillSchema({ $ref: '#' }, alone)).toBeTypeOf('string');
  });

  it.each([
    [{ type: 'string', pattern: '^[A-Z]{3}-\\d{4}$' }, /^[A-Z]{3}-\d{4}$/],
    [{ type: 'string', pattern: '^[a-z]+$', minLength: 20, maxLength: 24 }, /^[a-z]{20,24}$/],
    [{ type: 'string', format: 'date-time' }, /^\d{4}-\d\d-\d\dT/],
    [{ type: 'string', format: 'uuid' }, /^[0-9a-f-]{36}$/],
    [{ type: 'string', maxLength: 10 }, /^.{1,10}$/u],
    [{ type: 'string', minLength: 500 }, /^.{500,}$/su],
  ])('keeps to patterns, formats and lengths: %j', (schema, expected) => {
    expect(fillSchema(schema, alone)).toMatch(expected);
  });

  it('leaves out an optional property that contradicts itself', () => {
    expect(
      fillSchema({ type: 'object', properties: { never: { oneOf: [text, text] }, ok: { const: 1 } } }, alone),
    ).toEqual({ ok: 1 });
  });

  it('is bounded against hostile schemas', () => {
    const begun = performance.now();
    const filled = fillSchema(
      { type: 'array', minItems: 1e9, items: { type: 'array', minItems: 2, items: text } },
      alone,
    );
    expect(filled).toHaveLength(10_000);
    expect(performance.now() - begun).toBeLessThan(2000);
  });
});
