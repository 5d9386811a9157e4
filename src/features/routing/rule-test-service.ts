import type { z } from 'zod';
import type { Principal } from '../../contracts/principal.ts';
import type { RuleTestRequest, ruleTestSchema } from '../../contracts/routing.ts';
import { iso } from '../../platform/clock.ts';
import { nano, sum, toUsd, ZERO } from '../../platform/money.ts';
import { loadCatalog } from '../catalog/index.ts';
import { loadFigures } from './load-figures.ts';
import { pastCalls } from './past-calls.ts';
import { knowledgeFor } from './router.ts';
import type { RoutingContext } from './routing-context.ts';
import { checkedRule, getRule } from './rule-service.ts';
import { readTenantRouting } from './tenant-store.ts';
import { type TriedCall, tryRule } from './try-rule.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_EXAMPLES = 10;

/**
 * Tries a rule, saved or not, against the tenant's calls of the last days. Throws `ParallaxError`: `not_found` for an id that is no rule of the
 * tenant's, and as `createRule` for one that could not be saved.
 */
export async function testRule(
  context: RoutingContext,
  principal: Principal,
  { rule: given, id, days }: RuleTestRequest,
): Promise<z.input<typeof ruleTestSchema>> {
  const { env, config, clock } = context;
  const tenant = await readTenantRouting(env.DB, principal);
  const rule =
    given === undefined
      ? await getRule(context, principal, id ?? '')
      : await checkedRule(context, given, tenant);
  const [catalog, learned, { calls, truncated }] = await Promise.all([
    loadCatalog(env, config, clock),
    loadFigures(env, config, clock),
    pastCalls(env.DB, principal, clock.now() - days * DAY_MS),
  ]);
  const knowledge = knowledgeFor(catalog, learned);
  const { matched, withoutTask, unchecked, notes } = tryRule(rule, calls, { catalog, knowledge, tenant });
  const priced = matched.filter((one) => one.costNano !== null && one.estimatedCostNano !== null);
  const total = (of: (one: TriedCall) => number | null) =>
    toUsd(sum(...priced.map((one) => nano(of(one) ?? 0))));
  return {
    object: 'rule_test',
    days,
    considered: calls.length,
    truncated,
    matched: matched.length,
    matched_explicit: matched.filter(({ call }) => call.chosenBy === 'explicit').length,
    without_task: withoutTask,
    unchecked: [...unchecked],
    went_to: counted(matched, ({ call }) => [call.model]).map(([model, own]) => ({
      model,
      calls: own.length,
      cost_usd: toUsd(sum(ZERO, ...own.map(({ costNano }) => nano(costNano ?? 0)))),
    })),
    would_go_to: counted(matched, ({ wouldGoTo }) => wouldGoTo).map(([model, own]) => ({
      model,
      calls: own.length,
    })),
    cost_usd: total(({ costNano }) => costNano),
    estimated_cost_usd: total(({ estimatedCostNano }) => estimatedCostNano),
    unpriced: matched.length - priced.length,
    latency_ms: mean(matched.map(({ call }) => call.latencyMs)),
    estimated_latency_ms: mean(matched.map(({ estimatedLatencyMs }) => estimatedLatencyMs)),
    notes: [...notes],
    examples: spread(matched, MAX_EXAMPLES).map(exampleView),
  };
}

function exampleView({ call, wouldGoTo, costNano, estimatedCostNano, estimatedLatencyMs }: TriedCall) {
  const usd = (amount: number | null) => (amount === null ? null : toUsd(nano(amount)));
  return {
    at: iso(call.at),
    model: call.model,
    would_go_to: wouldGoTo.join(', '),
    task: call.task,
    input_tokens: call.inputTokens,
    output_tokens: call.outputTokens,
    cost_usd: usd(costNano),
    estimated_cost_usd: usd(estimatedCostNano),
    latency_ms: call.latencyMs,
    estimated_latency_ms: estimatedLatencyMs,
  };
}

/** Calls by each of some names, the most frequent first. */
function counted(
  calls: readonly TriedCall[],
  namesOf: (one: TriedCall) => readonly string[],
): [string, TriedCall[]][] {
  const byName = new Map<string, TriedCall[]>();
  for (const one of calls) {
    for (const name of namesOf(one)) {
      const own = byName.get(name);
      if (own === undefined) byName.set(name, [one]);
      else own.push(one);
    }
  }
  return [...byName].sort(([a, own], [b, others]) => others.length - own.length || (a < b ? -1 : 1));
}

/** So many of a list, evenly over it: the newest calls are often all alike. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)] as T);
}

function mean(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return Math.round(values.reduce((all, value) => all + value, 0) / values.length);
}
