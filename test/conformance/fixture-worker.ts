// The Worker itself, except that its MCP server offers the conformance suite's fixtures. As in `src/worker.ts`, the first import must be a module that uses zod.

import { configOf } from '../../src/env.ts';
import { loadCatalog } from '../../src/features/catalog/index.ts';
import { authenticate } from '../../src/features/identity/index.ts';
import { createReadUsage } from '../../src/features/metering/index.ts';
import { createRunService } from '../../src/features/perspectives/index.ts';
import { createRouter } from '../../src/features/routing/index.ts';
import { handleMcp } from '../../src/mcp/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { newId } from '../../src/platform/ids.ts';
import { createLogger } from '../../src/platform/log.ts';
import worker from '../../src/worker.ts';
import { FIXTURE_OFFER } from './fixtures/offer.ts';

export * from '../../src/worker.ts';

export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/mcp') return await worker.fetch(request, env, ctx);
    const config = configOf(env);
    const requestId = newId('request');
    return await handleMcp(request, {
      config,
      clock: systemClock,
      log: createLogger({ request: requestId }),
      requestId,
      authenticate: () => authenticate(request.headers, env, config, systemClock),
      limit: async () => undefined,
      runs: createRunService({ env, config, clock: systemClock, askedBy: { requestId, client: null } }),
      catalog: () => loadCatalog(env, config, systemClock),
      router: createRouter({ env, config, clock: systemClock, random: Math.random }),
      usage: createReadUsage(env, systemClock),
      ctx,
      offer: FIXTURE_OFFER,
    });
  },
} satisfies ExportedHandler<Env>;
