import {
  LIMITED_OPERATIONS,
  type LimitedOperation,
  PLANS,
  type PlanId,
  type Rate,
  SAFETY_RATE,
} from '../../contracts/plans.ts';
import type { Config } from '../../platform/config.ts';
import type { BucketRule } from './token-bucket.ts';

/** What a user may do in a tenant: per operation, of all kinds together, and at once. */
export interface UserRules {
  readonly operations: Readonly<Record<LimitedOperation, BucketRule>>;
  /** Tokens of requests of models. */
  readonly tokens: BucketRule;
  /** Of the user in all tenants together, whatever they ask. */
  readonly safety: BucketRule;
  readonly slots: number;
}

/** The share of a minute's requests that may come at once, where a setting or a key says only how many a minute. */
const BURST_SHARE = 1 / 5;

/** The rule of so many requests a minute, of which a fifth may come at once. */
export function ruleOfMinute(perMinute: number): BucketRule {
  return { perMinute, burst: Math.max(1, Math.ceil(perMinute * BURST_SHARE)) };
}

type LimitSettings = Pick<
  Config,
  'requestsPerMinute' | 'tokensPerMinute' | 'perspectivesPerHour' | 'concurrentRequests' | 'planLimits'
>;

/** The rules of a tenant's plan, where the deployment's settings do not say otherwise. Pure. */
export function rulesOf(config: LimitSettings, plan: PlanId): UserRules {
  const { rates, tokens } = PLANS[config.planLimits ? plan : 'enterprise'];
  const { requestsPerMinute, tokensPerMinute, perspectivesPerHour } = config;
  const operations = {
    models: requestsPerMinute === undefined ? bucketOf(rates.models) : ruleOfMinute(requestsPerMinute),
    perspectives:
      perspectivesPerHour === undefined
        ? bucketOf(rates.perspectives)
        : { perMinute: perspectivesPerHour / 60, burst: Math.max(1, Math.ceil(perspectivesPerHour / 10)) },
  };
  // It never stands below what an operation alone may have: a setting that is raised works.
  const safety = bucketOf(SAFETY_RATE);
  const all = [safety, ...LIMITED_OPERATIONS.map((operation) => operations[operation])];
  return {
    operations,
    // One request may need a whole minute's: a share of it would let nobody in.
    tokens:
      tokensPerMinute === undefined
        ? bucketOf(tokens)
        : { perMinute: tokensPerMinute, burst: tokensPerMinute },
    safety: {
      perMinute: Math.max(...all.map(({ perMinute }) => perMinute)),
      burst: Math.max(...all.map(({ burst }) => burst)),
    },
    slots: config.concurrentRequests,
  };
}

function bucketOf({ count, per, burst }: Rate): BucketRule {
  return { perMinute: per === 'minute' ? count : count / 60, burst };
}
