import { describe, expect, it } from 'vitest';
import type { UpstreamErrorKind } from '../../conversation.ts';
import { anthropicMessagesCodec as codec } from './index.ts';

describe('an error of Anthropic', () => {
  it.each<[number, object, UpstreamErrorKind]>([
    [400, { type: 'invalid_request_error', message: 'max_tokens: Field required' }, 'invalid_request'],
    [
      400,
      { type: 'invalid_request_error', message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      'context_length',
    ],
    [
      400,
      { type: 'invalid_request_error', message: 'Output blocked by content filtering policy' },
      'content_policy',
    ],
    [
      400,
      { type: 'invalid_request_error', message: 'Your credit balance is too low to access the API.' },
      'quota_exceeded',
    ],
    [401, { type: 'authentication_error', message: 'invalid x-api-key' }, 'authentication'],
    [402, { type: 'billing_error', message: 'No credit.' }, 'quota_exceeded'],
    [403, { type: 'permission_error', message: 'no' }, 'permission'],
    [404, { type: 'not_found_error', message: 'model: nope' }, 'not_found'],
    [413, { type: 'request_too_large', message: 'big' }, 'too_large'],
    [429, { type: 'rate_limit_error', message: 'slow down' }, 'rate_limited'],
    [500, { type: 'api_error', message: 'oops' }, 'server_error'],
    [504, { type: 'timeout_error', message: 'slow' }, 'timeout'],
    [529, { type: 'overloaded_error', message: 'Overloaded' }, 'overloaded'],
    [529, { type: 'a_new_type', message: 'Overloaded' }, 'overloaded'],
  ])('with status %i and %j is %s', (status, error, kind) => {
    const info = codec.decodeError(status, JSON.stringify({ type: 'error', error, request_id: 'req_1' }));
    expect(info).toMatchObject({ kind, status });
  });

  it('that is a proxy’s page is told by its status', () => {
    expect(codec.decodeError(503, '<html><body>Bad gateway</body></html>')).toEqual({
      kind: 'overloaded',
      message: 'The provider answered with status 503.',
      status: 503,
    });
  });

  it('keeps a code of its own', () => {
    const error = {
      type: 'invalid_request_error',
      message: 'x',
      details: { error_code: 'tool_name_conflict' },
    };
    const info = codec.decodeError(400, JSON.stringify({ type: 'error', error }));
    expect(info.code).toBe('tool_name_conflict');
    expect(codec.encodeError(info).body).toEqual({ type: 'error', error });
  });
});
