import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import type { Hono } from 'hono';
import { z } from 'zod';
import { anthropicErrorSchema, openAiErrorSchema, problemSchema } from '../../contracts/errors.ts';
import { type Permission, refusalOf } from '../../contracts/permissions.ts';
import type { LimitedOperation } from '../../contracts/plans.ts';
import type { Person, Principal } from '../../contracts/principal.ts';

import { ParallaxError } from '../errors.ts';
import { refused } from '../permission.ts';
import type { AppContext, AppEnv } from './context.ts';
import type { OperationErrorShape } from './error-response.ts';
import { readJson, validate } from './read-json.ts';

/**
 * Who may call an operation. There is no default: a route that says nothing does not compile, and a public one says why.
 */
export type Access =
  | {
      readonly kind: 'principal';
      readonly permission: Permission;
      /** The request counts as one of these of its user; the handler releases `c.var.admission` when it has ended. */
      readonly limited?: LimitedOperation;
    }
  /** Somebody signed in at a browser, whatever their tenant: what they do with their own account. */
  | { readonly kind: 'person' }
  | { readonly kind: 'operator' }
  | { readonly kind: 'public'; readonly why: string };

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface OperationInput<A extends Access, Params, Query, Body> {
  readonly c: AppContext;
  readonly params: Output<Params>;
  readonly query: Output<Query>;
  readonly body: Output<Body>;
  readonly principal: A extends { kind: 'principal' } ? Principal : undefined;
  readonly person: A extends { kind: 'person' } ? Person : undefined;
}

export interface ResponseSpec {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** `application/json` unless said otherwise. */
  readonly contentType?: string;
  /** What a body looks like, for types that a schema does not show: the lines of an event stream. */
  readonly example?: string;
}

export interface OperationSpec<
  A extends Access,
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
  Body extends z.ZodType | undefined,
> {
  readonly operationId: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** OpenAPI form: `/v1/perspectives/{id}`. A last parameter written `{id+}` may contain slashes. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: A;
  readonly errorShape?: OperationErrorShape;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** What the body looks like, for the document alone: the handler reads and checks it itself. */
  readonly describedBody?: z.ZodType;
  /** Bound of the body in bytes; 64 KiB unless said otherwise. */
  readonly maxBodyBytes?: number;
  readonly responses: Readonly<Record<number, ResponseSpec | readonly ResponseSpec[]>>;
  /** Statuses of errors that this operation answers beyond those every operation does. */
  readonly errors?: readonly number[];
  readonly handler: (input: OperationInput<A, Params, Query, Body>) => Promise<Response> | Response;
}

/** An operation whose types are closed over: what a slice hands to the app. */
export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly tag: string;
  readonly access: Access;
  /** `within` sets what a handler needs of the request before it. */
  readonly register: (app: Hono<AppEnv>, registry: OpenAPIRegistry, within: Within) => void;
}

export type Handler = (c: AppContext) => Promise<Response>;
export type Within = (handler: Handler) => Handler;

const DEFAULT_BODY_BYTES = 64 * 1024;

/** One file an operation: its schemas, its document, its permission and its handler stand together and cannot drift apart. */
export function operation<
  const A extends Access,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(spec: OperationSpec<A, Params, Query, Body>): Operation {
  const handle = async (c: AppContext): Promise<Response> => {
    c.set('errorShape', spec.errorShape ?? 'problem');
    // Who comes before what: a stranger learns nothing of the schema by probing it.
    const caller = await admit(c, spec.access);
    try {
      return await answer(c, caller);
    } catch (error) {
      c.get('admission')?.release();
      throw error;
    }
  };
  const answer = async (c: AppContext, { principal, person }: Caller): Promise<Response> => {
    const params = spec.params === undefined ? undefined : validate(spec.params, c.req.param(), 'path');
    const query = spec.query === undefined ? undefined : validate(spec.query, c.req.query(), 'query');
    const body =
      spec.body === undefined
        ? undefined
        : validate(spec.body, await readJson(c.req.raw, spec.maxBodyBytes ?? DEFAULT_BODY_BYTES));
    // The casts state what the lines above did, which conditional types cannot follow.
    return spec.handler({
      c,
      params: params as Output<Params>,
      query: query as Output<Query>,
      body: body as Output<Body>,
      principal: principal as OperationInput<A, Params, Query, Body>['principal'],
      person: person as OperationInput<A, Params, Query, Body>['person'],
    });
  };
  return {
    operationId: spec.operationId,
    method: spec.method,
    path: spec.path,
    tag: spec.tag,
    access: spec.access,
    register(app, registry, within) {
      const path = spec.path.replaceAll(/\{(\w+)\+\}/g, ':$1{.+}').replaceAll(/\{(\w+)\}/g, ':$1');
      app.on(spec.method.toUpperCase(), path, within(handle));
      registry.registerPath(describe(spec));
    },
  };
}

/** Who an operation was admitted for. */
interface Caller {
  readonly principal?: Principal;
  readonly person?: Person;
}

async function admit(c: AppContext, access: Access): Promise<Caller> {
  switch (access.kind) {
    case 'public':
      return {};
    case 'person':
      return { person: await c.get('person')() };
    case 'operator':
      if (await c.get('isOperator')()) return {};
      throw new ParallaxError('unauthenticated', 'This route takes the operator’s token as bearer.');
    case 'principal': {
      const principal = await principalOf(c, access.limited);
      const refusal = refusalOf(principal, access.permission);
      if (refusal === null) return { principal };
      c.get('admission')?.release();
      throw refused(refusal, access.permission, principal);
    }
  }
}

async function principalOf(c: AppContext, limited: LimitedOperation | undefined): Promise<Principal> {
  if (limited === undefined) return c.get('authenticate')();
  const admission = await c.get('admit')(limited);
  c.set('admission', admission);
  return admission.principal;
}

/** Ways to authenticate, by who may call. */
const SECURITY = {
  principal: ['apiKey', 'browserSession'],
  person: ['browserSession'],
  operator: ['operatorToken', 'browserSession'],
} as const satisfies Record<Exclude<Access['kind'], 'public'>, readonly string[]>;

const ERROR_SCHEMAS = { openai: openAiErrorSchema, anthropic: anthropicErrorSchema, problem: problemSchema };

/** The OpenAPI entry of an operation. */
function describe(
  spec: OperationSpec<Access, z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined>,
): RouteConfig {
  const responses: RouteConfig['responses'] = {};
  for (const [status, given] of Object.entries(spec.responses)) {
    const list: readonly ResponseSpec[] = Array.isArray(given) ? given : [given as ResponseSpec];
    responses[status] = {
      description: list.map((one) => one.description).join(' Or: '),
      ...(list.some((one) => one.schema !== undefined || one.contentType !== undefined)
        ? {
            content: Object.fromEntries(
              list.map((one) => [
                one.contentType ?? 'application/json',
                {
                  schema: one.schema ?? z.string(),
                  ...(one.example === undefined ? {} : { example: one.example }),
                },
              ]),
            ),
          }
        : {}),
    };
  }
  const shape = spec.errorShape ?? 'problem';
  const errorSchema = ERROR_SCHEMAS[shape];
  const errorType = shape === 'problem' ? 'application/problem+json' : 'application/json';
  const statuses = new Set<number>(spec.errors ?? []);
  if (spec.access.kind !== 'public') statuses.add(401);
  if (spec.access.kind === 'principal') statuses.add(403);
  if (spec.access.kind === 'principal' && spec.access.limited !== undefined) statuses.add(429);
  if (spec.body !== undefined) for (const status of [400, 413, 415, 422]) statuses.add(status);
  if (spec.describedBody !== undefined) for (const status of [400, 413, 415]) statuses.add(status);
  if (spec.query !== undefined) statuses.add(422);
  statuses.add(500);
  for (const status of [...statuses].sort((a, b) => a - b)) {
    responses[status] = { description: 'Error', content: { [errorType]: { schema: errorSchema } } };
  }
  const request: NonNullable<RouteConfig['request']> = {};
  // Objects by construction: parameters and queries are declared with z.object.
  if (spec.params !== undefined) request.params = spec.params as z.ZodObject;
  if (spec.query !== undefined) request.query = spec.query as z.ZodObject;
  const body = spec.body ?? spec.describedBody;
  if (body !== undefined)
    request.body = { required: true, content: { 'application/json': { schema: body } } };
  return {
    method: spec.method,
    path: spec.path.replaceAll('+}', '}'),
    operationId: spec.operationId,
    tags: [spec.tag],
    summary: spec.summary,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    security:
      spec.access.kind === 'public' ? [] : SECURITY[spec.access.kind].map((scheme) => ({ [scheme]: [] })),
    request,
    responses,
  };
}

/** The OpenAPI 3.1 document of everything registered. */
export function openApiDocument(registry: OpenAPIRegistry, serverUrl: string, version: string): object {
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.1',
    info: {
      title: 'Parallax',
      version,
      description: 'The same question, seen from several models at once.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
  });
}

/** A registry with the ways to authenticate. */
export function createRegistry(): OpenAPIRegistry {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'A secret API key, `plx_sk_…`. The header `x-api-key` is read too.',
  });
  registry.registerComponent('securitySchemes', 'browserSession', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-parallax_session',
    description: 'Somebody signed in at a browser. What changes something must come from this origin.',
  });
  registry.registerComponent('securitySchemes', 'operatorToken', {
    type: 'http',
    scheme: 'bearer',
    description: 'The deployment’s OPERATOR_TOKEN.',
  });
  return registry;
}
