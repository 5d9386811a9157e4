import { describe, expect, it } from 'vitest';
import { runFailure } from './run-failure.ts';

const failed = (...codes: readonly string[]) =>
  codes.map((code, index) => ({
    modelId: `m/${index}`,
    error: { code, message: `Because of ${code}.`, retryable: false },
    refusal: '',
  }));

describe('the error of a run in which every model failed', () => {
  it('is of the kind that most of them met, with the reasons of that kind first', () => {
    expect(runFailure(failed('overloaded', 'timeout', 'timeout'))).toEqual({
      kind: 'timeout',
      code: 'timeout',
      message:
        'All 3 models of the run failed. m/1: Because of timeout. m/2: Because of timeout. m/0: Because of overloaded.',
    });
  });

  it('is of the more telling kind when equally many met two', () => {
    expect(runFailure(failed('authentication', 'overloaded')).kind).toBe('overloaded');
    expect(runFailure(failed('overloaded', 'context_length')).kind).toBe('context_length');
    expect(runFailure(failed('malformed', 'rate_limited')).kind).toBe('rate_limited');
  });

  it('has a kind for the run’s own reasons, and keeps their word as code', () => {
    expect(runFailure(failed('tool_calls_cut'))).toMatchObject({
      kind: 'invalid_request',
      code: 'tool_calls_cut',
    });
    expect(runFailure(failed('refused', 'interrupted', 'refused'))).toMatchObject({ kind: 'content_policy' });
    expect(runFailure(failed('something_new'))).toMatchObject({
      kind: 'server_error',
      code: 'something_new',
    });
  });

  it('stays within the bound of a message, with something of every model', () => {
    const failures = failed(...Array.from({ length: 3 }, () => 'overloaded')).map((failure) => ({
      ...failure,
      error: { ...failure.error, message: 'x'.repeat(5000) },
    }));
    const { message } = runFailure(failures);
    expect(message.length).toBeLessThanOrEqual(1_000);
    for (const { modelId } of failures) expect(message).toContain(`${modelId}: x`);
  });
});
