import { describe, expect, it } from 'vitest';
import { schemaFromExample } from './example.ts';

describe('a schema from an example', () => {
  it('is made when a prompt shows the form of the JSON that it wants', () => {
    const prompt =
      'Score from 0 to 10, like {this}. Reply with one JSON object of this form and nothing else:\n{"scores": [{"label": "A", "score": 0}], "ok": true}';
    expect(schemaFromExample(prompt)).toEqual({
      type: 'object',
      required: ['scores', 'ok'],
      properties: {
        scores: {
          type: 'array',
          items: {
            type: 'object',
            required: ['label', 'score'],
            properties: { label: { type: 'string' }, score: { type: 'number', description: 'from 0 to 10' } },
          },
        },
        ok: { type: 'boolean' },
      },
    });
  });

  it.each(['What is JSON?', 'Explain {"a": 1}.', 'Reply in JSON.', 'Reply with JSON: {broken}'])(
    'is not made from: %s',
    (prompt) => {
      expect(schemaFromExample(prompt)).toBeUndefined();
    },
  );
});
