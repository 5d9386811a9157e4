// The first import must be a module that uses zod: esbuild wraps zod lazily once better-auth's and the MCP SDK's dynamic imports are in
// the bundle, and their modules then crash at start ("ZodLazy is not a constructor").

import { createApp } from './app.ts';
import { consumeOutgoing } from './consume-outgoing.ts';
import type { DeadLetterQueue } from './contracts/operations.ts';
import { continueDeletions } from './delete-tenants.ts';
import { configOf } from './env.ts';
import { consumeAudit } from './features/audit/index.ts';
import { billingUpkeep, consumeStripe, forgetOldBilling } from './features/billing/index.ts';
import { syncCatalog } from './features/catalog/index.ts';
import { forgetOldAnswers } from './features/gateway/index.ts';
import { forgetOldAccountRows } from './features/identity/index.ts';
import { consumeLedger, consumeUsage, forgetOldUsage, keepDeadLetters } from './features/metering/index.ts';
import { forgetOldNotices } from './features/notices/index.ts';
import { forgetOldApps, forgetOldGrants } from './features/oauth/index.ts';
import { checkProviders } from './features/providers/index.ts';
import { continueReconciliation } from './features/reconciliation/index.ts';
import { learnedStatements, refreshAnswerLengths, refreshFigures } from './features/routing/index.ts';
import { forgetOldAccess, spendingStatements } from './features/vault/index.ts';
import { forgetOldDeliveries } from './features/webhooks/index.ts';
import { systemClock } from './platform/clock.ts';
import { forgetOldIdempotencyKeys } from './platform/idempotency/claim.ts';
import { createLogger } from './platform/log.ts';

export { AuditChain } from '../durable-objects/audit-chain/object.ts';
export { PerspectiveGroup } from '../durable-objects/perspective-run/group.ts';
export { PerspectiveRun } from '../durable-objects/perspective-run/object.ts';
export { ProviderHealth } from '../durable-objects/provider-health/object.ts';
export { StreamMeter } from '../durable-objects/stream-meter/entrypoint.ts';
export { TenantLedger } from '../durable-objects/tenant-ledger/object.ts';
export { UserLimiter } from '../durable-objects/user-limiter/object.ts';

const app = createApp();

/** The crons of wrangler.toml. */
const CATALOG_CRON = '17 */6 * * *';

const AUDIT_QUEUE = 'parallax-audit';
const STRIPE_QUEUE = 'parallax-stripe';
const LEDGER_QUEUE = 'parallax-ledger';
const OUTGOING_QUEUE = 'parallax-outgoing';
/** Where the messages of a queue go that could not be handled, and the name they are kept under. */
const DEAD_QUEUES: Readonly<Record<string, DeadLetterQueue>> = {
  'parallax-usage-dead': 'usage',
  'parallax-audit-dead': 'audit',
  'parallax-stripe-dead': 'stripe',
  'parallax-ledger-dead': 'ledger',
  'parallax-outgoing-dead': 'outgoing',
};

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    const log = createLogger({ queue: batch.queue });
    const dead = DEAD_QUEUES[batch.queue];
    if (dead !== undefined) await keepDeadLetters(env.DB, dead, batch.messages, systemClock, log);
    else if (batch.queue === AUDIT_QUEUE) await consumeAudit(env, batch.messages, log);
    else if (batch.queue === LEDGER_QUEUE) await consumeLedger(env.DB, batch.messages, log);
    else if (batch.queue === OUTGOING_QUEUE)
      await consumeOutgoing({ env, config: configOf(env), clock: systemClock, log }, batch.messages);
    else if (batch.queue === STRIPE_QUEUE)
      await consumeStripe({ env, config: configOf(env), clock: systemClock, log }, batch.messages);
    else
      await consumeUsage(env.DB, batch.messages, {
        clock: systemClock,
        log,
        retentionDays: configOf(env).usageRetentionDays,
        sums: (written) => [...learnedStatements(written), ...spendingStatements(written)],
        points: env.USAGE_POINTS,
      });
  },
  async scheduled(controller, env) {
    const config = configOf(env);
    const log = createLogger({ cron: controller.cron });
    if (controller.cron === CATALOG_CRON) {
      await forgetOldIdempotencyKeys(env.DB, systemClock.now());
      await forgetOldAccountRows(env.DB, systemClock.now());
      await forgetOldAnswers(env.DB, systemClock.now());
      await forgetOldAccess(env.DB, systemClock.now());
      await forgetOldApps(env.DB, systemClock.now());
      await forgetOldGrants(env, config);
      await forgetOldNotices(env.DB, systemClock.now());
      await forgetOldDeliveries(env.DB, systemClock.now());
      await forgetOldBilling(env, systemClock.now());
      await forgetOldUsage(env.DB, systemClock, log, {
        eventDays: config.usageRetentionDays,
        summaryDays: config.usageSummaryRetentionDays,
      });
      if (config.catalogSync) await syncCatalog(env, config, systemClock, log);
    } else {
      await continueDeletions(env, systemClock, log);
      await billingUpkeep({ env, config, clock: systemClock, log });
      await checkProviders(env, config, systemClock, log);
      await refreshFigures(env, systemClock, log);
      await refreshAnswerLengths(env, systemClock, log);
      await continueReconciliation({
        env,
        clock: systemClock,
        log,
        retentionDays: config.usageRetentionDays,
      });
    }
  },
} satisfies ExportedHandler<Env>;
