import { createMcpHandler } from 'agents/mcp/server';
import { MAX_PROMPT_BYTES } from '../contracts/perspectives.ts';
import type { LimitedOperation } from '../contracts/plans.ts';
import type { Principal } from '../contracts/principal.ts';
import type { Catalog } from '../features/catalog/index.ts';
import type { ReadUsage } from '../features/metering/index.ts';
import type { RunService } from '../features/perspectives/index.ts';
import type { Router } from '../features/routing/index.ts';
import type { Clock } from '../platform/clock.ts';
import type { Config } from '../platform/config.ts';
import { asParallaxError } from '../platform/errors.ts';
import { readJson } from '../platform/http/read-json.ts';
import type { Logger } from '../platform/log.ts';
import { doorPolicy, openTo, passDoor, preflight } from './door.ts';
import { argumentsOf, cancellationOf, messageFacts, requestIdOf } from './message.ts';
import { type Offer, PARALLAX_OFFER } from './offer.ts';
import type { Exchange } from './protocol/exchange.ts';
import { HEADER_MISMATCH, mirroredHeaderFault } from './protocol/mirrored-headers.ts';
import { createServer } from './protocol/server.ts';
import { refusal } from './refusal.ts';
import { requireScopeOf } from './scope-challenge.ts';
import { cachedStartedRuns, type StartedRuns } from './started-runs.ts';
import type { Patience } from './tool.ts';

export interface McpDependencies {
  readonly config: Pick<Config, 'environment' | 'publicUrl' | 'runRetentionDays'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly requestId: string;
  /** Who the request acts for. Throws `ParallaxError` `unauthenticated`. Asked after the door, before the body is read. */
  readonly authenticate: () => Promise<Principal>;
  /** Takes one of the requests of that kind that the user may make. Throws `ParallaxError` `rate_limited`. Asked before a tool is called. */
  readonly limit: (operation: LimitedOperation) => Promise<void>;
  readonly runs: RunService;
  readonly catalog: (principal: Principal) => Promise<Catalog>;
  readonly router: Router;
  readonly usage: ReadUsage;
  /** Keeps the invocation alive after the client has gone. */
  readonly ctx: Pick<ExecutionContext, 'waitUntil'>;
  /** The data centre's cache unless a test says otherwise. */
  readonly startedRuns?: StartedRuns;
  readonly patience?: Patience;
  /** The application's own unless a test says otherwise. */
  readonly offer?: Offer;
}

/** Clients give up after 60 seconds; ten are left for the way. */
const PATIENCE: Patience = { answerMs: 50_000, taskMs: 15_000, heartbeatMs: 10_000 };

const SESSION_HEADER = 'mcp-session-id';
const ROUTE = '/mcp';
/** How soon, at the latest, a client that went away is noticed, and with what comments a silent stream is kept open. */
const KEEP_ALIVE_MS = 2_000;

/**
 * Serves `/mcp`: 2026-07-28, and on the same address 2025-11-25 and earlier. Everything that is the same for every call stands here, once: who may speak
 * (origin and host), who it is, how large a body may be, what is logged. Never throws.
 */
export async function handleMcp(request: Request, dependencies: McpDependencies): Promise<Response> {
  const { config, requestId, clock, log } = dependencies;
  const policy = doorPolicy(config, request.url);
  const began = clock.now();
  const origin = new URL(config.publicUrl ?? request.url).origin;
  try {
    passDoor(request, policy);
  } catch (thrown) {
    return refusal(asParallaxError(thrown), request, requestId, origin);
  }
  if (request.method === 'OPTIONS') return preflight(request);
  try {
    const principal = await dependencies.authenticate();
    const body = request.method === 'POST' ? await readJson(request, MAX_PROMPT_BYTES) : undefined;
    const response = await serve(request, body, principal, policy.hosts, policy.origins, dependencies);
    log.info('mcp', {
      ...messageFacts(body),
      status: response.status,
      ms: clock.now() - began,
      tenant: principal.tenantId,
    });
    return openTo(request, response);
  } catch (thrown) {
    const error = asParallaxError(thrown);
    if (error.status >= 500)
      log.error('an MCP request failed', { code: error.code, error: error.cause ?? error });
    return openTo(request, refusal(error, request, requestId, origin));
  }
}

async function serve(
  request: Request,
  body: unknown,
  principal: Principal,
  hosts: readonly string[],
  origins: readonly string[],
  dependencies: McpDependencies,
): Promise<Response> {
  const { runs, log, offer = PARALLAX_OFFER, startedRuns = cachedStartedRuns(caches.default) } = dependencies;
  const session = request.headers.get(SESSION_HEADER);
  const cancelled = cancellationOf(body);
  if (cancelled !== undefined) {
    const runId =
      session === null ? undefined : await startedRuns.find({ principal, session, jsonRpcId: cancelled });
    // A notification is never answered: what cannot be cancelled goes on.
    if (runId !== undefined) await runs.cancel(principal, runId);
    return new Response(null, { status: 202 });
  }
  requireScopeOf(body, principal, offer);
  const fault = headerFault(body, request.headers, offer);
  if (fault !== undefined) return headersRefused(body, fault);
  if (messageFacts(body).rpc === 'tools/call') await dependencies.limit(kindOf(body, offer));
  const handler = createMcpHandler(
    ({ era }) => createServer(exchangeOf(era, session, principal, offer, startedRuns, dependencies)),
    {
      route: ROUTE,
      corsOptions: false,
      // A call that may take long is answered as a stream from the start: only a write tells that its client has gone.
      responseMode: callsLongTool(body, offer) ? 'sse' : 'auto',
      keepAliveMs: KEEP_ALIVE_MS,
      allowedHostnames: [...hosts],
      allowedOriginHostnames: [...origins],
      // Mostly a client's own fault, and repeatable at will: no stack, and not much of what the client wrote. Failures of ours are logged above.
      onerror: (error) =>
        log.info('the MCP handler refused a request', { reason: error.message.slice(0, 200) }),
    },
  );
  const response = await handler.fetch(request, body === undefined ? undefined : { parsedBody: body });
  return withSession(response, body, session);
}

function exchangeOf(
  era: Exchange['era'],
  session: string | null,
  principal: Principal,
  offer: Offer,
  startedRuns: StartedRuns,
  dependencies: McpDependencies,
): Exchange {
  const { runs, catalog, router, usage, log, requestId, config, ctx, patience = PATIENCE } = dependencies;
  return {
    era,
    principal,
    offer,
    runs,
    catalog: () => catalog(principal),
    router,
    usage,
    log,
    requestId,
    patience,
    runRetentionMs: config.runRetentionDays * 24 * 60 * 60 * 1000,
    waitUntil: (work) => ctx.waitUntil(work),
    async remember(jsonRpcId, runId) {
      if (era === 'legacy' && session !== null)
        await startedRuns.remember({ principal, session, jsonRpcId }, runId);
    },
  };
}

/**
 * Gives a client of 2025-11-25 a session id with its handshake. The server keeps no session: the id only tells apart the requests of clients that share a
 * key, so that a cancellation finds the run it means.
 */
function withSession(response: Response, body: unknown, session: string | null): Response {
  if (!response.ok || session !== null || messageFacts(body).rpc !== 'initialize') return response;
  const named = new Response(response.body, response);
  named.headers.set(SESSION_HEADER, crypto.randomUUID());
  return named;
}

/** What is wrong with the headers of a call of 2026-07-28 that repeat its arguments; earlier revisions have none. */
function headerFault(body: unknown, headers: Headers, { tools }: Offer): string | undefined {
  const { rpc, tool: name, revision } = messageFacts(body);
  const tool = tools.find((one) => one.name === name);
  if (rpc !== 'tools/call' || revision === undefined || tool === undefined) return undefined;
  return mirroredHeaderFault(tool, argumentsOf(body), headers);
}

function headersRefused(body: unknown, message: string): Response {
  const error = { code: HEADER_MISMATCH, message };
  return Response.json({ jsonrpc: '2.0', id: requestIdOf(body), error }, { status: 400 });
}

/** What a tool's call is counted as. Who asks for a run that is there already starts none. */
function kindOf(body: unknown, { tools }: Offer): LimitedOperation {
  const tool = tools.find(({ name }) => name === messageFacts(body).tool);
  if (tool?.asksModels !== true) return 'models';
  const asked = argumentsOf(body);
  const startsNone = tool.long && typeof asked === 'object' && asked !== null && 'run_id' in asked;
  return startsNone ? 'models' : 'perspectives';
}

function callsLongTool(body: unknown, { tools }: Offer): boolean {
  const { rpc, tool } = messageFacts(body);
  return rpc === 'tools/call' && tools.some(({ name, long }) => name === tool && long);
}
