import { Hono } from 'hono';
import pkg from '../package.json' with { type: 'json' };
import type { LimitedOperation } from './contracts/plans.ts';
import type { Person, Principal } from './contracts/principal.ts';
import { configOf } from './env.ts';
import { auditOperations } from './features/audit/index.ts';
import { billingOperations } from './features/billing/index.ts';
import { catalogOperations } from './features/catalog/index.ts';
import { gatewayOperations } from './features/gateway/index.ts';
import {
  admit,
  admitPrincipal,
  authenticate,
  hasSessionCookie,
  identityOperations,
  isOperator,
  keepSlots,
  noteExport,
  notePlace,
  ownOrigin,
  reportTokens,
  sessionPerson,
  sessionPrincipal,
  takeTokens,
  tokensAreDue,
  unseenPlace,
} from './features/identity/index.ts';
import { createReadUsage, meteringOperations } from './features/metering/index.ts';
import { noticeOperations } from './features/notices/index.ts';
import {
  AUTHORIZE_PATH,
  authorize,
  oauthOperations,
  oauthPrincipal,
  REGISTER_PATH,
  RESOURCE_METADATA_PATH,
  REVOKE_PATH,
  registrationEndpoint,
  resourceMetadata,
  revocationEndpoint,
  SERVER_METADATA_PATH,
  serverMetadata,
  TOKEN_PATH,
  tokenEndpoint,
  tokenIn,
} from './features/oauth/index.ts';
import { perspectiveOperations, runsOf } from './features/perspectives/index.ts';
import { providerOperations } from './features/providers/index.ts';
import { reconciliationOperations } from './features/reconciliation/index.ts';
import { createRouter, routingOperations } from './features/routing/index.ts';
import { tenantModels, vaultOperations } from './features/vault/index.ts';
import { registerWebhooks, webhookOperations } from './features/webhooks/index.ts';
import { systemClock } from './platform/clock.ts';
import { type Config, ConfigError } from './platform/config.ts';
import { asParallaxError, ParallaxError } from './platform/errors.ts';
import type { Admission, AppContext, AppEnv } from './platform/http/context.ts';
import { type ErrorShape, errorResponse } from './platform/http/error-response.ts';
import { MemoRouter } from './platform/http/memo-router.ts';
import { createRegistry, type Operation, openApiDocument } from './platform/http/operation.ts';
import { newId } from './platform/ids.ts';
import { createLogger, lazyLogger } from './platform/log.ts';
import { servePage } from './serve-page.ts';

/** Every operation of the HTTP contract. A route that is not in this list does not exist. */
export const operations: readonly Operation[] = [
  ...gatewayOperations,
  ...perspectiveOperations,
  ...catalogOperations,
  ...providerOperations,
  ...identityOperations,
  ...meteringOperations,
  ...billingOperations,
  ...noticeOperations,
  ...webhookOperations,
  ...reconciliationOperations,
  ...auditOperations,
  ...vaultOperations,
  ...oauthOperations,
  ...routingOperations,
];

/** Builds the app. Everything under `/v1` is an operation with a permission; what matches none is refused or is a page. */
export function createApp(): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ router: new MemoRouter() });
  const registry = createRegistry();

  for (const operation of operations) operation.register(app, registry, within);
  registerWebhooks(registry);

  let document: object | undefined;
  const openApi = async (c: AppContext) => {
    const url = c.var.config.publicUrl ?? new URL(c.req.url).origin;
    document ??= openApiDocument(registry, url, pkg.version);
    // The address is each request's own: one that a stranger asked under must not stand in another's document.
    return c.json({ ...document, servers: [{ url }] });
  };
  app.get('/v1/openapi.json', within(openApi));
  app.get('/health', within(health));
  app.all('/mcp', within(mcp));
  for (const path of [RESOURCE_METADATA_PATH, '/.well-known/oauth-protected-resource']) {
    app.get(path, within(resourceMetadata));
    app.options(path, within(resourceMetadata));
  }
  app.all(SERVER_METADATA_PATH, within(serverMetadata));
  app.get(AUTHORIZE_PATH, within(authorize));
  app.all(TOKEN_PATH, within(tokenEndpoint));
  app.all(REGISTER_PATH, within(registrationEndpoint));
  app.all(REVOKE_PATH, within(revocationEndpoint));
  app.get('*', within(page));
  app.notFound(within(notFound));

  app.onError((thrown, c) => {
    const error = thrown instanceof ConfigError ? misconfigured(thrown) : asParallaxError(thrown);
    const requestId = c.var.requestId ?? newId('request');
    if (error.code === 'internal') {
      const log = createLogger({ request: requestId, method: c.req.method, path: c.req.path });
      log.error('a request failed on our side', { error: error.cause ?? error });
    }
    return errorResponse(error, c.var.errorShape ?? 'problem', requestId, c.req.path, c.get('admission'));
  });
  return app;
}

/**
 * A handler with what every request carries set before it, and the headers that every response has after it. No middleware: with one handler a
 * route, Hono needs to put none together.
 */
function within(handler: (c: AppContext) => Promise<Response>): (c: AppContext) => Promise<Response> {
  return async (c) => {
    const requestId = newId('request');
    const config = configOf(c.env);
    c.set('requestId', requestId);
    c.set('clock', systemClock);
    c.set(
      'log',
      lazyLogger(() => ({ request: requestId, method: c.req.method, path: c.req.path })),
    );
    c.set('errorShape', defaultErrorShape(c.req.path));
    c.set('config', config);
    c.set(
      'authenticate',
      once(() => principalOf(c, config)),
    );
    c.set(
      'person',
      once(() => personOf(c, config)),
    );
    c.set('admit', (operation) => admission(c, config, operation));
    c.set(
      'isOperator',
      once(() => operates(c, config)),
    );
    const response = await handler(c);
    if (c.get('sealed') === true) return response;
    noticeExport(c, response);
    return withOurHeaders(response, requestId);
  };
}

/** Who a request acts for: by its key, or, when it carries none, by the browser's session. */
async function principalOf(c: AppContext, config: Config): Promise<Principal> {
  const { raw } = c.req;
  const token = c.req.path === '/mcp' ? tokenIn(raw.headers) : null;
  if (token !== null) {
    const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
    const principal = await oauthPrincipal(raw, token, c.env, config, systemClock, waitUntil);
    noticePlace(c, config, principal);
    return principal;
  }
  if (!hasSessionCookie(raw.headers)) {
    const principal = await authenticate(raw.headers, c.env, config, systemClock, raw);
    noticePlace(c, config, principal);
    return principal;
  }
  const principal = await sessionPrincipal(raw, c.env, config, systemClock);
  if (principal === null) throw signedOut();
  return principal;
}

async function personOf(c: AppContext, config: Config): Promise<Person> {
  const person = hasSessionCookie(c.req.raw.headers)
    ? await sessionPerson(c.req.raw, c.env, config, systemClock)
    : null;
  if (person === null) throw signedOut();
  return person;
}

/** Whether the operator's routes are open to a request: to the operator's token, and to people who are operators. */
async function operates(c: AppContext, config: Config): Promise<boolean> {
  const { headers } = c.req.raw;
  if (!hasSessionCookie(headers)) return isOperator(headers, config);
  const person = await sessionPerson(c.req.raw, c.env, config, systemClock);
  // What is open to operators concerns all tenants: a password alone is not enough for it.
  return person?.operator === true && person.twoFactor;
}

/** Writes down, beside the answer, that a principal takes data out: whatever route gives it as a file. */
function noticeExport(c: AppContext, response: Response): void {
  if (!(response.headers.get('content-disposition')?.startsWith('attachment') ?? false)) return;
  const { log, requestId, authenticate } = c.var;
  const context = { env: c.env, clock: systemClock, requestId, request: c.req.raw };
  c.executionCtx.waitUntil(
    authenticate()
      .then(({ userId }) => noteExport(context, userId))
      .catch((error: unknown) => log.error('an export could not be written down', { error })),
  );
}

/** Writes down, beside the answer, where a key or token is used from, when that is new. */
function noticePlace(c: AppContext, config: Config, principal: Principal): void {
  const place = unseenPlace(principal, c.req.raw, systemClock);
  if (place === null) return;
  const { log, requestId } = c.var;
  const request = c.req.raw;
  const context = { env: c.env, config, clock: systemClock, log, requestId, request };
  c.executionCtx.waitUntil(
    notePlace({ ...context, origin: ownOrigin(request, config) }, principal, place).catch((error: unknown) =>
      log.error('a new place could not be written down', { error }),
    ),
  );
}

function signedOut(): ParallaxError {
  return new ParallaxError('unauthenticated', 'Nobody is signed in at this browser. Please sign in.', {
    details: { reason: 'signed_out' },
  });
}

async function health(c: AppContext): Promise<Response> {
  const database = await databaseAnswers(c);
  return c.json(
    { status: database ? 'ok' : 'degraded', version: pkg.version, checks: { database } },
    database ? 200 : 503,
  );
}

async function mcp(c: AppContext): Promise<Response> {
  const { authenticate, config, clock, log, requestId } = c.var;
  // Loaded when first used: a cold gateway request does not pay for the MCP modules.
  const { handleMcp } = await import('./mcp/index.ts');
  return handleMcp(c.req.raw, {
    config,
    clock,
    log,
    requestId,
    authenticate,
    // Counted alone: what a tool does goes on in a run, which holds its own.
    limit: async (operation) => (await c.get('admit')(operation)).release(),
    runs: runsOf(c),
    catalog: async ({ tenantId, userId }) => {
      const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work);
      const use = { tenantId, userId, requestId, reason: 'call' } as const;
      return (await tenantModels({ env: c.env, config, clock, log, waitUntil }, use)).catalog;
    },
    router: createRouter({ env: c.env, config, clock, random: Math.random }),
    usage: createReadUsage(c.env, clock),
    ctx: c.executionCtx,
  });
}

async function page(c: AppContext): Promise<Response> {
  return (await servePage(c.req.raw, c.req.path, c.env.ASSETS)) ?? notFound(c);
}

/** Lets a limited request in; what keeps it alive while it takes long runs beside the answer. */
async function admission(c: AppContext, config: Config, operation: LimitedOperation): Promise<Admission> {
  const { headers } = c.req.raw;
  // Connected apps and browsers carry no key: they are their user's.
  const withoutKey = (c.req.path === '/mcp' && tokenIn(headers) !== null) || hasSessionCookie(headers);
  const pass = withoutKey
    ? await admitPrincipal(await c.get('authenticate')(), operation, c.env, systemClock)
    : await admit(headers, operation, c.env, config, systemClock, c.req.raw);
  const { principal } = pass;
  noticePlace(c, config, principal);
  let tokens: Admission['tokens'];
  return {
    principal,
    rate: pass.rate,
    get tokens() {
      return tokens;
    },
    async takeTokens(estimate) {
      const taken = await takeTokens(principal, estimate, c.env, systemClock);
      tokens = taken.state;
      return (used) => {
        taken.settle(used);
        if (tokensAreDue(principal, systemClock))
          c.executionCtx.waitUntil(reportTokens(principal, c.env, systemClock));
      };
    },
    cacheMaxAgeS: pass.cacheMaxAgeS,
    release: () => {
      pass.release();
      // Only where few slots are left is there anything to do at once.
      if (pass.wantsKeep(systemClock.now())) c.executionCtx.waitUntil(keepSlots(pass, c.env, systemClock));
    },
    beat: () => c.executionCtx.waitUntil(keepSlots(pass, c.env, systemClock)),
  };
}

/** How long what was found out about the database holds: the route is public, and must not let strangers query it at will. */
const HEALTH_MS = 1_000;
let lastHealth = { at: Number.NEGATIVE_INFINITY, database: false };

async function databaseAnswers(c: AppContext): Promise<boolean> {
  const now = systemClock.now();
  if (now - lastHealth.at < HEALTH_MS) return lastHealth.database;
  const database = await c.env.DB.prepare('SELECT 1')
    .first()
    .then(
      () => true,
      (error: unknown) => {
        c.get('log').error('the database does not answer', { error });
        return false;
      },
    );
  lastHealth = { at: now, database };
  return database;
}

/** A configuration fault names the setting and where to set it; names of settings are no secret, values are never in it. */
function misconfigured(error: ConfigError): ParallaxError {
  return new ParallaxError('internal', error.message, { cause: error });
}

/** The headers that every response has. */
function withOurHeaders(response: Response, requestId: string): Response {
  // Pages and their files say themselves how long they may be kept; everything else is somebody's.
  const cacheable = isPage(response) || response.headers.has('cache-control');
  const write = ({ headers }: Response) => {
    headers.set('request-id', requestId);
    headers.set('x-request-id', requestId);
    headers.set('x-content-type-options', 'nosniff');
    if (!cacheable) headers.set('cache-control', 'no-store');
  };
  try {
    write(response);
    return response;
  } catch {
    // A response that came from a Durable Object or the assets has headers that cannot be changed.
    const own = new Response(response.body, response);
    write(own);
    return own;
  }
}

/** Whether a response came through `securePage`. */
function isPage(response: Response): boolean {
  return response.headers.has('content-security-policy');
}

/** Routes that are no operations; `/mcp` says itself which methods it takes. */
const OTHER_ROUTES = [
  { method: 'get', path: '/health' },
  { method: 'get', path: '/v1/openapi.json' },
] as const;

/** 405 with `Allow` where the path exists with another method (RFC 9110, section 15.5.6), else 404. */
async function notFound(c: AppContext): Promise<Response> {
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
  if (path.startsWith('/oauth/')) return 'oauth';
  return /^\/v1\/(?:chat\/|responses|embeddings|models)/.test(path) ? 'openai' : 'problem';
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
