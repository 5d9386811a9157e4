import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ParallaxError } from '../errors.ts';
import { nestsDeeperThan, readJson, validate } from './read-json.ts';

const request = (body: BodyInit, type = 'application/json') =>
  new Request('https://parallax.test/', { method: 'POST', body, headers: { 'content-type': type } });

async function codeOf(work: Promise<unknown> | (() => unknown)): Promise<string> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof ParallaxError)
      return `${error.status} ${error.code}${error.param === undefined ? '' : ` ${error.param}`}`;
    throw error;
  }
  return 'no error';
}

describe('reading a body', () => {
  it('takes JSON within its bounds', async () => {
    expect(await readJson(request('{"a":[1,2]}'), 100)).toEqual({ a: [1, 2] });
  });

  it('refuses what is too large, whether or not the length was announced', async () => {
    expect(await codeOf(readJson(request('"0123456789"'), 5))).toBe('413 payload_too_large');
    const chunks = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(1000));
      },
    });
    const streamed = new Request('https://parallax.test/', {
      method: 'POST',
      body: chunks,
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    expect(await codeOf(readJson(streamed, 5000))).toBe('413 payload_too_large');
  });

  it('refuses bad UTF-8, bad JSON, an empty body, absurd nesting and another type', async () => {
    expect(await codeOf(readJson(request(Uint8Array.of(0x22, 0xc3, 0x28, 0x22)), 100))).toBe(
      '400 malformed_request',
    );
    expect(await codeOf(readJson(request('{"a":'), 100))).toBe('400 malformed_request');
    expect(await codeOf(readJson(request(''), 100))).toBe('400 malformed_request');
    expect(await codeOf(readJson(request('['.repeat(10_000) + ']'.repeat(10_000)), 100_000))).toBe(
      '400 malformed_request',
    );
    expect(await codeOf(readJson(request('{}', 'text/plain'), 100))).toBe('415 unsupported_media_type');
  });

  it('counts brackets outside strings only', () => {
    expect(nestsDeeperThan(`["${'['.repeat(500)}\\"["]`, 3)).toBe(false);
    expect(nestsDeeperThan('[[[[1]]]]', 3)).toBe(true);
  });

  it('names the first wrong field as a path', async () => {
    const schema = z.strictObject({
      models: z.array(z.union([z.string(), z.strictObject({ model: z.string().max(3) })])).max(2),
    });
    expect(await codeOf(() => validate(schema, { models: [{ model: 'long' }] }))).toBe(
      '422 invalid_parameter models[0].model',
    );
    expect(await codeOf(() => validate(schema, { models: [1] }))).toBe('422 invalid_parameter models[0]');
    expect(await codeOf(() => validate(schema, { models: [], extra: 1 }))).toBe(
      '422 invalid_parameter extra',
    );
    expect(await codeOf(() => validate(schema, 5))).toBe('422 invalid_parameter');
  });
});
