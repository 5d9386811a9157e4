import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startLocalServer } from './local/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');

/**
 * `npm run bundle:boot`: starts the very bundle that `npm run bundle` built and uses it once, MCP included. Some faults (a module that
 * crashes when it is first loaded) show nowhere else.
 */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parallax-boot-'));
  const server = await startLocalServer({
    root,
    port: 0,
    folder,
    state: join(folder, 'state'),
    settings: { CATALOG_SYNC: 'off' },
    tokenDelayMs: 0,
    retryAfterSeconds: 0,
    bundle: join(root, 'dist/bundle/worker.js'),
  });
  try {
    const bearer = { authorization: `Bearer ${server.apiKey}` };
    const run = await answer(`${server.baseUrl}/v1/perspectives`, bearer, {
      prompt: 'Does the bundle boot?',
      merge: { strategy: 'consensus' },
    });
    if (!run.includes('"status":"completed"'))
      throw new Error(`the run did not complete: ${run.slice(0, 500)}`);
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'boot', version: '1' } },
    };
    const mcp = await answer(
      server.mcpUrl,
      { ...bearer, accept: 'application/json, text/event-stream' },
      initialize,
    );
    if (!mcp.includes('serverInfo')) throw new Error(`MCP did not initialize: ${mcp.slice(0, 500)}`);
    const openapi = await fetch(`${server.baseUrl}/v1/openapi.json`);
    if (!openapi.ok)
      throw new Error(`the OpenAPI document answered ${openapi.status}: ${await openapi.text()}`);
    console.log('The bundle boots: a run, MCP and the OpenAPI document answer.');
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function answer(url: string, headers: Record<string, string>, body: unknown): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 1000)}`);
  return text;
}

await main();
