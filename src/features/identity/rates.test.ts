import { describe, expect, it } from 'vitest';
import { LIMITED_OPERATIONS, PLAN_IDS, PLANS } from '../../contracts/plans.ts';
import { rulesOf } from './rates.ts';

const NOTHING_SET = {
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  perspectivesPerHour: undefined,
  concurrentRequests: 1_500,
  planLimits: true,
};

describe('the rates of a user', () => {
  it('are those of the tenant’s plan', () => {
    expect(rulesOf(NOTHING_SET, 'free').operations).toEqual({
      models: { perMinute: 60, burst: 20 },
      perspectives: { perMinute: 100 / 60, burst: 10 },
    });
    expect(rulesOf(NOTHING_SET, 'pro').operations.models).toEqual({ perMinute: 600, burst: 120 });
  });

  it('grow with what a plan costs', () => {
    const paces = PLAN_IDS.map((plan) => rulesOf(NOTHING_SET, plan).operations.models.perMinute);
    expect(paces).toEqual([...paces].sort((a, b) => a - b));
  });

  it('are the largest plan’s where the deployment sells none', () => {
    const { operations } = rulesOf({ ...NOTHING_SET, planLimits: false }, 'free');
    expect(operations.models.perMinute).toBe(PLANS.enterprise.rates.models.count);
  });

  it('are the operator’s where they are set, whatever the plan', () => {
    const set = { ...NOTHING_SET, requestsPerMinute: 10_000_000, perspectivesPerHour: 600 };
    for (const plan of PLAN_IDS) {
      const { operations, safety } = rulesOf(set, plan);
      expect(operations.models).toEqual({ perMinute: 10_000_000, burst: 2_000_000 });
      expect(operations.perspectives).toEqual({ perMinute: 10, burst: 60 });
      // What keeps the machine from one person must not keep the operator from what they set.
      expect(safety).toEqual(operations.models);
    }
  });

  it('fill every bucket within an hour: what was forgotten by then is full', () => {
    for (const plan of PLAN_IDS)
      for (const operation of LIMITED_OPERATIONS) {
        const { perMinute, burst } = rulesOf(NOTHING_SET, plan).operations[operation];
        expect(burst / perMinute).toBeLessThanOrEqual(60);
      }
  });
});
