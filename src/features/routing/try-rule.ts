import { TASKS, type Task } from '../../contracts/routing.ts';
import { expectedCost, type Model } from '../catalog/index.ts';
import type { RoutingState } from './decision.ts';
import { latencyMs } from './figures.ts';
import { modelsOf, panelNamed } from './panels.ts';
import type { PastCall } from './past-calls.ts';
import { scoreModels } from './score.ts';
import { certainTask } from './task/classify.ts';
import type { Rule } from './tenant-routing.ts';

/** A past call that a rule would have taken, and what would have come of it. */
export interface TriedCall {
  readonly call: PastCall;
  /** Model ids; several for a panel. */
  readonly wouldGoTo: readonly string[];
  /** Nano-dollars; null where a price is not known. */
  readonly costNano: number | null;
  readonly estimatedCostNano: number | null;
  readonly estimatedLatencyMs: number;
}

export interface RuleTrial {
  readonly matched: readonly TriedCall[];
  /** Calls left out because the rule has tasks and the call's task was never told. */
  readonly withoutTask: number;
  /** Conditions that calls say nothing of; they were taken to hold. */
  readonly unchecked: readonly string[];
  /** Why the rule could not be followed now, and what the figures leave out. */
  readonly notes: readonly string[];
}

/** Tries a rule on past calls, with today's prices and figures. Pure. */
export function tryRule(
  rule: Pick<Rule, 'conditions' | 'target'>,
  calls: readonly PastCall[],
  state: Pick<RoutingState, 'catalog' | 'knowledge' | 'tenant'>,
): RuleTrial {
  const { conditions, target } = rule;
  const notes: string[] = [];
  const targets = targetsOf(rule, state, notes);
  const fitting = calls.filter(
    ({ inputTokens }) =>
      inputTokens >= (conditions.min_input_tokens ?? 0) &&
      inputTokens <= (conditions.max_input_tokens ?? Number.POSITIVE_INFINITY),
  );
  const told = conditions.tasks === undefined ? fitting : fitting.filter(({ task }) => isTask(task));
  const matched = told.filter(
    ({ task }) => conditions.tasks === undefined || (isTask(task) && conditions.tasks.includes(task)),
  );
  const several = 'panel' in target;
  if (several) notes.push('The figures of a panel are those of its models; its merge comes on top.');
  return {
    matched: targets.length === 0 ? [] : matched.map((call) => tried(call, targets, several, state)),
    withoutTask: fitting.length - told.length,
    unchecked: (['min_confidence', 'capabilities', 'model'] as const).filter(
      (name) => conditions[name] !== undefined,
    ),
    notes,
  };
}

function isTask(task: string | null): task is Task {
  return TASKS.some((one) => one === task);
}

/** The models that a rule leads to and that can be called. */
function targetsOf(
  { target }: Pick<Rule, 'target'>,
  { catalog, tenant }: Pick<RoutingState, 'catalog' | 'tenant'>,
  notes: string[],
): readonly Model[] {
  const names = 'model' in target ? [target.model] : 'auto' in target ? target.auto : [];
  const panel = 'panel' in target ? panelNamed(target.panel, { catalog, tenant }) : undefined;
  const known =
    panel === undefined ? names.flatMap((name) => catalog.find(name) ?? []) : modelsOf(panel, catalog);
  const usable = known.filter((model) => catalog.isAvailable(model));
  if (usable.length === 0) notes.push('The target cannot be called now; the rule would be skipped.');
  else if (usable.length < known.length)
    notes.push(`${known.length - usable.length} of the target’s models cannot be called now.`);
  return usable;
}

function tried(
  call: PastCall,
  targets: readonly Model[],
  several: boolean,
  { knowledge, tenant }: Pick<RoutingState, 'knowledge' | 'tenant'>,
): TriedCall {
  const chosen = several ? targets : [bestFor(call, targets, { knowledge, tenant })];
  const costs = chosen.map((model) => expectedCost(model, call));
  return {
    call,
    wouldGoTo: chosen.map(({ id }) => id),
    costNano: call.priced ? call.costNano : null,
    estimatedCostNano: costs.includes(null)
      ? null
      : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
    estimatedLatencyMs: Math.round(
      Math.max(...chosen.map((model) => latencyMs(knowledge.figures(model), call.outputTokens))),
    ),
  };
}

function bestFor(
  { task, inputTokens }: PastCall,
  targets: readonly Model[],
  { knowledge, tenant }: Pick<RoutingState, 'knowledge' | 'tenant'>,
): Model {
  const [only] = targets;
  const size = { inputTokens, maxOutputTokens: null };
  const guess = certainTask(isTask(task) ? task : 'chat');
  const best =
    targets.length > 1 ? scoreModels(targets, size, guess, knowledge, tenant.weights)[0]?.model : only;
  if (best === undefined) throw new Error('a rule is tried without a target');
  return best;
}
