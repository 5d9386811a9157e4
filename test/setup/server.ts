import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { ensurePages, startLocalServer } from '../../scripts/local/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    baseUrl: string;
    mcpUrl: string;
    apiKey: string;
    publishableKey: string;
    tenantId: string;
    operatorToken: string;
    serverModelsUrl: string;
    /** Where the server's database lies. */
    serverState: string;
  }
}

/** One running server for the end-to-end tests: what `npm run dev` starts, in a folder of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
  const folder = mkdtempSync(join(tmpdir(), 'parallax-'));
  await ensurePages(root);
  const server = await startLocalServer({
    root,
    port: 0,
    folder,
    state: join(folder, 'state'),
    settings: { CATALOG_SYNC: 'off' },
    tokenDelayMs: 2,
    retryAfterSeconds: 0,
  });
  project.provide('baseUrl', server.baseUrl);
  project.provide('mcpUrl', server.mcpUrl);
  project.provide('apiKey', server.apiKey);
  project.provide('publishableKey', server.publishableKey);
  project.provide('tenantId', server.tenantId);
  project.provide('operatorToken', server.operatorToken);
  project.provide('serverModelsUrl', server.localModelsUrl);
  project.provide('serverState', join(folder, 'state'));
  return async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  };
}
