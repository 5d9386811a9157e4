/** Serves `/mcp` in this process over scripted runs, to the official clients and to requests written by hand. For tests. */
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Principal, Scope } from '../contracts/principal.ts';
import { createRouterWith, NOTHING_SET } from '../features/routing/index.ts';
import { systemClock } from '../platform/clock.ts';
import { createLogger } from '../platform/log.ts';
import { exampleCatalog } from './example-catalog.ts';
import { exampleUsage } from './example-usage.ts';
import { handleMcp, type McpDependencies } from './handle-mcp.ts';
import { createScriptedRuns, type ScriptedRuns } from './scripted-runs.ts';
import type { StartedRuns } from './started-runs.ts';

export const ALL: readonly Scope[] = ['perspectives', 'models', 'usage:read'];
export const principalWith = (scopes: readonly Scope[]): Principal => ({
  tenantId: 'ten_1',
  userId: 'usr_1',
  role: 'owner',
  via: 'key',
  keyId: 'key_1',
  scopes,
});

/** The port that is the data centre's cache in production. */
export function memoryStartedRuns(): StartedRuns {
  const kept = new Map<string, string>();
  return {
    async remember(request, runId) {
      kept.set(JSON.stringify(request), runId);
    },
    async find(request) {
      return kept.get(JSON.stringify(request));
    },
  };
}

export interface Served {
  readonly runs: ScriptedRuns;
  readonly lines: string[];
  readonly fetch: (request: Request) => Promise<Response>;
  /** What was to be done after the client had gone. */
  readonly after: Promise<unknown>[];
}

export function serve(
  options: Partial<McpDependencies> & { readonly scopes?: readonly Scope[] } = {},
): Served {
  const { scopes = ALL, ...given } = options;
  const runs = createScriptedRuns();
  const lines: string[] = [];
  const after: Promise<unknown>[] = [];
  const dependencies: McpDependencies = {
    config: { environment: 'dev', publicUrl: undefined, runRetentionDays: 30 },
    clock: systemClock,
    log: createLogger({}, (level, line) => lines.push(`${level} ${line}`)),
    requestId: 'req_1',
    authenticate: async () => principalWith(scopes),
    limit: async () => undefined,
    runs,
    catalog: async () => exampleCatalog(),
    router: createRouterWith({
      catalog: async () => exampleCatalog(),
      learned: async () => new Map(),
      tenant: async () => NOTHING_SET,
      random: () => 0.5,
    }),
    usage: async (_, question) => exampleUsage(question),
    startedRuns: memoryStartedRuns(),
    ctx: { waitUntil: (work) => void after.push(work) },
    ...given,
  };
  return { runs, lines, after, fetch: (request) => handleMcp(request, dependencies) };
}

export const ADDRESS = new URL('http://localhost/mcp');
const fetchOf = (served: Served) => (input: string | URL | Request, init?: RequestInit) => {
  const headers = new Headers(init?.headers);
  headers.set('host', 'localhost');
  return served.fetch(new Request(input, { ...init, headers }));
};

export async function legacyClient(served: Served): Promise<Client> {
  const client = new Client({ name: 'v1', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(ADDRESS, { fetch: fetchOf(served) }));
  return client;
}

export async function modernClient(served: Served): Promise<ModernClient> {
  const client = new ModernClient({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new ModernTransport(ADDRESS, { fetch: fetchOf(served) }));
  return client;
}

export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
export const WITH_TASKS = {
  ...ENVELOPE,
  'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
};

/** A request of 2026-07-28 as it stands on the wire. */
export function modernRequest(
  method: string,
  params: Record<string, unknown>,
  meta: object = ENVELOPE,
  init: RequestInit = {},
): Request {
  const name = params.name ?? params.uri ?? params.taskId;
  return new Request(ADDRESS, {
    method: 'POST',
    headers: {
      host: 'localhost',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: meta } }),
    ...init,
  });
}

export function legacyRequest(body: object, headers: Record<string, string> = {}): Request {
  return new Request(ADDRESS, {
    method: 'POST',
    headers: {
      host: 'localhost',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...body }),
  });
}

export async function resultOf(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  const data = /^data: (.+)$/m.exec(text)?.[1] ?? text;
  const message = JSON.parse(data) as { result?: Record<string, unknown>; error?: Record<string, unknown> };
  return message.result ?? { error: message.error };
}

export const textOf = (result: object) => JSON.stringify(result);
