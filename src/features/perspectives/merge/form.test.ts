import { describe, expect, it } from 'vitest';
import { inForm } from './form.ts';

const FORM = {
  kind: 'json_schema',
  name: 'verdict',
  schema: { type: 'object', properties: { yes: { type: 'boolean' } }, required: ['yes'] },
} as const;

describe('a text in the form that was asked for', () => {
  it('is JSON of the schema, bare or as the whole of a code fence', () => {
    expect(inForm(' {"yes": true}\n', FORM)).toEqual({ ok: true, text: '{"yes": true}' });
    expect(inForm('```json\n{"yes": true}\n```', FORM)).toEqual({ ok: true, text: '{"yes": true}' });
    expect(inForm('```\n{"yes": true}```', FORM)).toEqual({ ok: true, text: '{"yes": true}' });
  });

  it('is nothing else', () => {
    expect(inForm('', FORM)).toEqual({ ok: false, problem: 'it was empty' });
    expect(inForm('Yes.', FORM)).toEqual({ ok: false, problem: 'it was not JSON' });
    expect(inForm('Here: {"yes": true}', FORM)).toEqual({ ok: false, problem: 'it was not JSON' });
    expect(inForm('{"yes": "true"}', FORM)).toEqual({ ok: false, problem: 'yes must be of type boolean' });
  });

  it('may be any object when no schema was given', () => {
    expect(inForm('{"a": 1}', { kind: 'json_object' }).ok).toBe(true);
    expect(inForm('[1]', { kind: 'json_object' }).ok).toBe(false);
  });

  it('is not JSON that is nested beyond what can be walked', () => {
    const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    const schema = { properties: { a: { const: [] } } };
    expect(inForm(deep, { kind: 'json_schema', name: 'deep', schema })).toEqual({
      ok: false,
      problem: 'it was nested too deep',
    });
  });

  it('is told in linear time of hostile text', () => {
    const started = Date.now();
    inForm(`\`\`\`${'\n'.repeat(500_000)}x`, FORM);
    inForm('['.repeat(500_000), FORM);
    expect(Date.now() - started).toBeLessThan(1000);
  });
});
