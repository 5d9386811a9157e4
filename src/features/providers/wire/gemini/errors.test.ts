import { describe, expect, it } from 'vitest';
import type { UpstreamErrorKind } from '../../conversation.ts';
import { geminiCodec as codec } from './index.ts';

describe('an error of Gemini', () => {
  const quota = (quotaId: string) => [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId }] },
  ];
  it.each<[number, object, UpstreamErrorKind]>([
    [400, { status: 'INVALID_ARGUMENT', message: 'Bad role.' }, 'invalid_request'],
    [
      400,
      { status: 'INVALID_ARGUMENT', message: 'The input token count (9) exceeds the maximum' },
      'context_length',
    ],
    [
      400,
      { status: 'INVALID_ARGUMENT', message: 'API key not valid. Please pass a valid API key.' },
      'authentication',
    ],
    [
      400,
      { status: 'INVALID_ARGUMENT', message: 'x', details: [{ reason: 'API_KEY_INVALID' }] },
      'authentication',
    ],
    [400, { status: 'FAILED_PRECONDITION', message: 'User location is not supported.' }, 'permission'],
    [403, { status: 'PERMISSION_DENIED', message: 'no' }, 'permission'],
    [404, { status: 'NOT_FOUND', message: 'no' }, 'not_found'],
    [
      429,
      { status: 'RESOURCE_EXHAUSTED', message: 'x', details: quota('GenerateRequestsPerMinute') },
      'rate_limited',
    ],
    [
      429,
      { status: 'RESOURCE_EXHAUSTED', message: 'x', details: quota('GenerateRequestsPerDayPerProject') },
      'quota_exceeded',
    ],
    [500, { status: 'INTERNAL', message: 'x' }, 'server_error'],
    [503, { status: 'UNAVAILABLE', message: 'The model is overloaded.' }, 'overloaded'],
    [504, { status: 'DEADLINE_EXCEEDED', message: 'x' }, 'timeout'],
    [503, { status: 'A_NEW_STATUS', message: 'x' }, 'overloaded'],
  ])('with status %i and %j is %s', (status, error, kind) => {
    const info = codec.decodeError(status, JSON.stringify({ error: { code: status, ...error } }));
    expect(info).toMatchObject({ kind, status });
  });

  it('names the field that was wrong, both ways', () => {
    const info = {
      kind: 'invalid_request',
      message: 'Bad.',
      code: 'INVALID_ARGUMENT',
      param: 'contents[0]',
    } as const;
    const { status, body } = codec.encodeError(info);
    expect(codec.decodeError(status, JSON.stringify(body))).toEqual({ ...info, status: 400 });
  });
});
