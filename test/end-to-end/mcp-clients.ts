import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { inject } from 'vitest';
import type { Run } from '../../src/contracts/perspectives.ts';

/** The official clients against the running server, with its key. */

const authorization = () => `Bearer ${inject('apiKey')}`;

export async function legacyClient(): Promise<LegacyClient> {
  const client = new LegacyClient({ name: 'end-to-end-v1', version: '1' });
  await client.connect(
    new LegacyTransport(new URL(inject('mcpUrl')), {
      requestInit: { headers: { authorization: authorization() } },
    }),
  );
  return client;
}

export async function modernClient(): Promise<ModernClient> {
  const client = new ModernClient(
    { name: 'end-to-end-v2', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(
    new ModernTransport(new URL(inject('mcpUrl')), {
      requestInit: { headers: { authorization: authorization() } },
    }),
  );
  return client;
}

/** A request of 2026-07-28 as it stands on the wire, with a token for its progress. */
export function modernRequest(
  method: string,
  params: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(inject('mcpUrl'), {
    method: 'POST',
    headers: {
      authorization: authorization(),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof params.name === 'string' ? { 'mcp-name': params.name } : {}),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          progressToken: 'progress',
        },
      },
    }),
    ...(signal === undefined ? {} : { signal }),
  });
}

export function legacyRequest(
  method: string,
  params: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(inject('mcpUrl'), {
    method: 'POST',
    headers: {
      authorization: authorization(),
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: { ...params, _meta: { progressToken: 'progress' } },
    }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The id of the run that a stream's first report of progress names. */
export async function runIdOf(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error('the response has no body');
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the stream ended without naming a run: ${text}`);
    text += value;
    const id = /run_[0-9A-Z]{26}/.exec(text)?.[0];
    if (id === undefined) continue;
    reader.releaseLock();
    return id;
  }
}

/** A run over the REST API. */
export async function restRun(id: string): Promise<Run> {
  const response = await fetch(`${inject('baseUrl')}/v1/perspectives/${id}`, {
    headers: { authorization: authorization() },
  });
  if (!response.ok) throw new Error(`GET the run: ${response.status} ${await response.text()}`);
  return (await response.json()) as Run;
}

/** The run once it has ended; throws when it has not by then. */
export async function endedRun(id: string, withinMs: number): Promise<Run> {
  const end = Date.now() + withinMs;
  for (;;) {
    const run = await restRun(id);
    if (run.status !== 'running') return run;
    if (Date.now() > end) throw new Error(`the run is still running after ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
