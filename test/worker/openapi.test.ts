import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../src/app.ts';
import { ORIGIN } from './client.ts';

interface Document {
  openapi: string;
  paths: Record<
    string,
    Record<
      string,
      {
        operationId: string;
        security: unknown[];
        responses: Record<string, { content?: Record<string, unknown> }>;
      }
    >
  >;
  components: { schemas: Record<string, unknown> };
}

let document: Document;

beforeAll(async () => {
  document = await (await exports.default.fetch(`${ORIGIN}/v1/openapi.json`)).json();
});

describe('the OpenAPI document', () => {
  it('is 3.1 and has exactly the operations that exist', () => {
    expect(document.openapi).toMatch(/^3\.1\./);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    const existing = operations.map(({ method, path }) => `${method} ${path.replaceAll('+}', '}')}`);
    expect(described.sort()).toEqual(existing.sort());
  });

  it('gives each operation an id of its own, its security, and its errors with a schema', () => {
    const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
    for (const operation of all) {
      expect(Array.isArray(operation.security), operation.operationId).toBe(true);
      const errors = Object.entries(operation.responses).filter(([status]) => Number(status) >= 400);
      expect(errors.length, operation.operationId).toBeGreaterThan(0);
      for (const [, response] of errors)
        expect(Object.keys(response.content ?? {}), operation.operationId).toHaveLength(1);
    }
  });

  it('resolves every reference, and uses JSON Schema 2020-12 (no `nullable`)', () => {
    const text = JSON.stringify(document);
    expect(text).not.toContain('"nullable"');
    for (const [, name] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name ?? '');
    }
  });
});

describe('authorization', () => {
  it('refuses a stranger on every operation that is not public by name', async () => {
    for (const { access, method, path } of operations) {
      if (access.kind === 'public') {
        expect(access.why.length).toBeGreaterThan(10);
        continue;
      }
      const response = await exports.default.fetch(`${ORIGIN}${path.replaceAll(/\{\w+\+?\}/g, 'x')}`, {
        method: method.toUpperCase(),
        ...(method === 'get' ? {} : { body: '{}', headers: { 'content-type': 'application/json' } }),
      });
      expect(response.status, `${method} ${path}`).toBe(401);
      await response.body?.cancel();
    }
  });
});
