import { Hono } from 'hono';
import pkg from '../package.json' with { type: 'json' };
import { configOf } from './env.ts';
import { catalogOperations, loadCatalog } from './features/catalog/index.ts';
import { authenticate, identityOperations, isOperator } from './features/identity/index.ts';
import { createRunService, perspectiveOperations } from './features/perspectives/index.ts';
import { providerOperations } from './features/providers/index.ts';
import { createRouter, routingOperations } from './features/routing/index.ts';
import { systemClock } from './platform/clock.ts';
import { ConfigError } from './platform/config.ts';
import { asParallaxError, ParallaxError } from './platform/errors.ts';
import type { AppContext, AppEnv } from './platform/http/context.ts';
import { type ErrorShape, errorResponse } from './platform/http/error-response.ts';
import { createRegistry, type Operation, openApiDocument } from './platform/http/operation.ts';
import { securePage } from './platform/http/page-headers.ts';
import { newId } from './platform/ids.ts';
import { createLogger } from './platform/log.ts';

/** Every operation of the HTTP contract. A route that is not in this list does not exist. */
export const operations: readonly Operation[] = [
  ...perspectiveOperations,
  ...catalogOperations,
  ...providerOperations,
  ...identityOperations,
  ...routingOperations,
];

/** Builds the app. Everything under `/v1` is an operation with a permission; what matches none is refused or is a page. */
export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const registry = createRegistry();

  app.use(async (c, next) => {
    const requestId = newId('request');
    c.set('requestId', requestId);
    c.set('clock', systemClock);
    c.set('log', createLogger({ request: requestId, method: c.req.method, path: c.req.path }));
    c.set('errorShape', defaultErrorShape(c.req.path));
    const config = configOf(c.env);
    c.set('config', config);
    c.set(
      'authenticate',
      once(() => authenticate(c.req.raw.headers, c.env, config, systemClock)),
    );
    c.set(
      'isOperator',
      once(() => isOperator(c.req.raw.headers, config)),
    );
    await next();
    // A response that came from a Durable Object or the assets has headers that cannot be changed.
    c.res = new Response(c.res.body, c.res);
    c.res.headers.set('request-id', requestId);
    c.res.headers.set('x-request-id', requestId);
    c.res.headers.set('x-content-type-options', 'nosniff');
    // Pages and their files say themselves how long they may be kept; everything else is somebody's.
    if (!isPage(c.res) && !c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  });

  for (const operation of operations) operation.register(app, registry);

  let document: object | undefined;
  app.get('/v1/openapi.json', (c) => {
    const url = c.var.config.publicUrl ?? new URL(c.req.url).origin;
    document ??= openApiDocument(registry, url, pkg.version);
    // The address is each request's own: one that a stranger asked under must not stand in another's document.
    return c.json({ ...document, servers: [{ url }] });
  });

  app.get('/health', async (c) => {
    const database = await c.env.DB.prepare('SELECT 1')
      .first()
      .then(
        () => true,
        (error: unknown) => {
          c.var.log.error('the database does not answer', { error });
          return false;
        },
      );
    return c.json(
      { status: database ? 'ok' : 'degraded', version: pkg.version, checks: { database } },
      database ? 200 : 503,
    );
  });

  app.all('/mcp', async (c) => {
    const { authenticate, config, clock, log, requestId } = c.var;
    // Loaded when first used: a cold gateway request does not pay for the MCP modules.
    const { handleMcp } = await import('./mcp/index.ts');
    return handleMcp(c.req.raw, {
      config,
      clock,
      log,
      requestId,
      authenticate,
      runs: createRunService({ env: c.env, config, clock }),
      catalog: () => loadCatalog(c.env, config, clock),
      router: createRouter({ env: c.env, config, clock, random: Math.random }),
      ctx: c.executionCtx,
    });
  });

  app.get('*', async (c) => {
    if (isApiPath(c.req.path)) return notFound(c);
    const page = await c.env.ASSETS.fetch(c.req.raw);
    if (page.status === 404 && !page.headers.has('content-type')) return notFound(c);
    return securePage(page, c.req.path);
  });
  app.notFound(notFound);

  app.onError((thrown, c) => {
    const error = thrown instanceof ConfigError ? misconfigured(thrown) : asParallaxError(thrown);
    const requestId = c.var.requestId ?? newId('request');
    if (error.code === 'internal') {
      const log = createLogger({ request: requestId, method: c.req.method, path: c.req.path });
      log.error('a request failed on our side', { error: error.cause ?? error });
    }
    return errorResponse(error, c.var.errorShape ?? 'problem', requestId, c.req.path);
  });
  return app;
}

/** A configuration fault names the setting and where to set it; names of settings are no secret, values are never in it. */
function misconfigured(error: ConfigError): ParallaxError {
  return new ParallaxError('internal', error.message, { cause: error });
}

/** Whether a response came through `securePage`. */
function isPage(response: Response): boolean {
  return response.headers.has('content-security-policy');
}

function isApiPath(path: string): boolean {
  return /^\/(?:v1|mcp|auth|oauth|webhooks|demo|metrics)(?:\/|$)/.test(path);
}

/** Routes that are no operations; `/mcp` says itself which methods it takes. */
const OTHER_ROUTES = [
  { method: 'get', path: '/health' },
  { method: 'get', path: '/v1/openapi.json' },
] as const;

/** 405 with `Allow` where the path exists with another method (RFC 9110, section 15.5.6), else 404. */
function notFound(c: AppContext): Response {
  const methods = [...operations, ...OTHER_ROUTES]
    .filter(({ path }) => pathPattern(path).test(c.req.path))
    .map(({ method }) => method.toUpperCase());
  const shape = defaultErrorShape(c.req.path);
  if (methods.length === 0) {
    const error = new ParallaxError(
      'not_found',
      `There is no ${c.req.method} ${c.req.path}. The routes are described at /docs.`,
    );
    return errorResponse(error, shape, c.var.requestId, c.req.path);
  }
  const error = new ParallaxError(
    'method_not_allowed',
    `${c.req.path} takes ${methods.join(', ')}, not ${c.req.method}.`,
  );
  const response = errorResponse(error, shape, c.var.requestId, c.req.path);
  response.headers.set('allow', methods.join(', '));
  return response;
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\+\}/g, '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

/** The shape of an error that no operation has chosen one for. */
function defaultErrorShape(path: string): ErrorShape {
  if (path.startsWith('/v1/messages')) return 'anthropic';
  return /^\/v1\/(?:chat\/|responses|embeddings|models)/.test(path) ? 'openai' : 'problem';
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
