import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParallaxError } from '../../../../platform/errors.ts';
import { MalformedUpstreamError } from '../../codec.ts';
import {
  base64OfFloats,
  decodeEmbeddingRequest,
  decodeEmbeddingResponse,
  encodeEmbeddingRequest,
  encodeEmbeddingResponse,
} from './embeddings.ts';

const param = (body: unknown): string | undefined => {
  try {
    decodeEmbeddingRequest(body);
  } catch (error) {
    if (error instanceof ParallaxError) return error.param ?? error.code;
    throw error;
  }
  return undefined;
};

describe('embeddings', () => {
  it('are asked for as they came, in numbers', () => {
    const { request, encoding } = decodeEmbeddingRequest({
      model: 'e',
      input: ['a', 'b'],
      dimensions: 3,
      encoding_format: 'base64',
      input_type: 'query',
    });
    expect(encoding).toBe('base64');
    expect(encodeEmbeddingRequest({ ...request, model: 'upstream' })).toEqual({
      path: '/embeddings',
      body: {
        model: 'upstream',
        input: ['a', 'b'],
        encoding_format: 'float',
        dimensions: 3,
        input_type: 'query',
      },
      dropped: [],
    });
  });

  it('take one text, texts, one list of tokens and lists of tokens', () => {
    const input = (value: unknown) => decodeEmbeddingRequest({ model: 'e', input: value }).request.input;
    expect(input('a')).toEqual({ kind: 'texts', texts: ['a'] });
    expect(input(['a'])).toEqual({ kind: 'texts', texts: ['a'] });
    expect(input([1, 2])).toEqual({ kind: 'tokens', tokens: [[1, 2]] });
    expect(input([[1], [2, 3]])).toEqual({ kind: 'tokens', tokens: [[1], [2, 3]] });
  });

  it.each([
    [7, 'malformed_request'],
    [{ input: 'a' }, 'model'],
    [{ model: 'e' }, 'input'],
    [{ model: 'e', input: [] }, 'input'],
    [{ model: 'e', input: '' }, 'input'],
    [{ model: 'e', input: ['a', 7] }, 'input[1]'],
    [{ model: 'e', input: [1, 'a'] }, 'input[1]'],
    [{ model: 'e', input: [[1], [1.5]] }, 'input[1][0]'],
    [{ model: 'e', input: Array.from({ length: 2_049 }, () => 'a') }, 'input'],
    [{ model: 'e', input: 'a', dimensions: 0 }, 'dimensions'],
    [{ model: 'e', input: 'a', encoding_format: 'hex' }, 'encoding_format'],
  ])('name the wrong field of a request', (body, expected) => {
    expect(param(body)).toBe(expected);
  });

  it('come back in the order of their inputs, from numbers or base64', () => {
    const body = {
      data: [
        { index: 1, embedding: base64OfFloats([0.5, -2]) },
        { index: 0, embedding: [1, 2] },
      ],
      model: 'm',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    };
    expect(decodeEmbeddingResponse(body, 2)).toEqual({
      model: 'm',
      vectors: [
        [1, 2],
        [0.5, -2],
      ],
      inputTokens: 4,
    });
  });

  it.each([
    [{ data: [] }],
    [{ data: [{ index: 0, embedding: [] }] }],
    [{ data: [{ index: 5, embedding: [1] }] }],
    [{ data: [{ index: 0, embedding: [null] }] }],
    [{ data: [{ index: 0, embedding: 'AAA=' }] }],
    [{ data: [{ index: 0, embedding: '!' }] }],
    [{ error: { message: 'no' } }],
  ])('that lack a vector for an input are malformed: %j', (body) => {
    expect(() => decodeEmbeddingResponse(body, 1)).toThrow(MalformedUpstreamError);
  });

  it('survive the way to a client and back as 32-bit floats, however long', () => {
    const vector = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 5_000,
      size: 'max',
    });
    fc.assert(
      fc.property(vector, fc.constantFrom('float' as const, 'base64' as const), (numbers, encoding) => {
        const body = encodeEmbeddingResponse(
          { model: 'u', vectors: [numbers], inputTokens: 1 },
          { model: 'm', encoding },
        );
        expect(decodeEmbeddingResponse(body, 1).vectors[0]).toEqual(numbers);
      }),
      { numRuns: 30 },
    );
  });
});
