import { describe, expect, it } from 'vitest';
import type { UpstreamErrorKind } from '../../conversation.ts';
import { openAiChatCodec as codec } from './index.ts';

const KINDS: readonly UpstreamErrorKind[] = [
  'invalid_request',
  'authentication',
  'permission',
  'not_found',
  'too_large',
  'rate_limited',
  'quota_exceeded',
  'content_policy',
  'context_length',
  'overloaded',
  'timeout',
  'server_error',
  'malformed',
  'connection',
];

describe('errors of OpenAI chat servers', () => {
  it.each([
    [
      400,
      { error: { message: 'm', type: 'invalid_request_error', code: 'context_length_exceeded' } },
      'context_length',
    ],
    [
      400,
      { error: { message: "This model's maximum context length is 8192 tokens.", code: 400 } },
      'context_length',
    ],
    [
      400,
      {
        error: { message: 'm', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } },
      },
      'content_policy',
    ],
    [400, { error: { message: 'Your prompt was flagged.', code: 'invalid_prompt' } }, 'content_policy'],
    [
      400,
      { error: { message: 'm', type: 'invalid_request_error', param: 'temperature' } },
      'invalid_request',
    ],
    [
      401,
      { error: { message: 'm', type: 'invalid_request_error', code: 'invalid_api_key' } },
      'authentication',
    ],
    [402, { error: { message: 'Insufficient Balance', type: 'unknown_error' } }, 'quota_exceeded'],
    [403, { error: { message: 'm', code: 'unsupported_country_region_territory' } }, 'permission'],
    [404, { error: { message: 'm', code: 'model_not_found' } }, 'not_found'],
    [404, { error: { message: 'm', code: 'DeploymentNotFound' } }, 'not_found'],
    [413, 'Request Entity Too Large', 'too_large'],
    [429, { error: { message: 'm', type: 'tokens', code: 'rate_limit_exceeded' } }, 'rate_limited'],
    [
      429,
      { error: { message: 'm', type: 'insufficient_quota', code: 'insufficient_quota' } },
      'quota_exceeded',
    ],
    [500, { error: { message: 'The server is overloaded.', type: 'server_error' } }, 'overloaded'],
    [500, { error: { message: 'm', type: 'server_error' } }, 'server_error'],
    [503, '<html><body>Service Unavailable</body></html>', 'overloaded'],
    [504, '', 'timeout'],
    [422, { detail: [{ loc: ['body', 'messages', 0], msg: 'field required' }] }, 'invalid_request'],
    [400, { detail: 'bad' }, 'invalid_request'],
    [400, { errors: [{ message: 'bad', code: 5006 }], success: false }, 'invalid_request'],
    [429, [{ error: { code: 429, message: 'm', status: 'RESOURCE_EXHAUSTED' } }], 'rate_limited'],
    [404, { error: "model 'x' not found" }, 'not_found'],
    [400, { object: 'error', message: 'bad', type: 'BadRequestError', code: 400 }, 'invalid_request'],
  ])('of status %i and body %j are %s', (status, body, kind) => {
    const info = codec.decodeError(status, typeof body === 'string' ? body : JSON.stringify(body));
    expect(info).toMatchObject({ kind, status });
    expect(info.message).not.toBe('');
  });

  it('keep the provider’s sentence, code and field, within bounds', () => {
    const long = 'x'.repeat(5_000);
    const body = { error: { message: long, code: 'c'.repeat(500), param: 'messages[1].content' } };
    const info = codec.decodeError(400, JSON.stringify(body));
    expect(info.message).toHaveLength(1_000);
    expect(info.code).toHaveLength(100);
    expect(info.param).toBe('messages[1].content');
  });

  it('tell what the maker said behind a router', () => {
    const error = { message: 'Provider returned error', code: 400, metadata: { raw: 'image too small' } };
    expect(codec.decodeError(400, JSON.stringify({ error })).message).toBe(
      'Provider returned error: image too small',
    );
  });

  it.each(KINDS)('of kind %s are the same kind when they are read again', (kind) => {
    const { status, body } = codec.encodeError({ kind, message: 'm' });
    expect(codec.decodeError(status, JSON.stringify(body)).kind).toBe(kind);
    expect(Object.keys(body.error as object).sort()).toEqual(['code', 'message', 'param', 'type']);
  });

  it('take the client’s words for another provider’s code', () => {
    const { status, body } = codec.encodeError({
      kind: 'context_length',
      message: 'm',
      status: 413,
      code: 'invalid_request_error',
    });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: { message: 'm', type: 'invalid_request_error', param: null, code: 'context_length_exceeded' },
    });
  });
});
