import type { Model } from '../catalog/index.ts';
import { lacks } from './ability.ts';
import { fallbacksNamed } from './by-name.ts';
import { best } from './by-score.ts';
import { type Decision, routeTo } from './decision.ts';
import { unique } from './explicit.ts';
import { panelNamed, usableModels } from './panels.ts';
import { narrow } from './preferences.ts';
import { AUTO, isAuto, plainly, type Route } from './route.ts';
import { holds, inOrder, type RuleSubject } from './rules.ts';
import type { Rule } from './tenant-routing.ts';

/**
 * Where a tenant's rules send a request; undefined when none holds. The first that holds decides; one that cannot be followed (its target cannot be
 * called, or cannot do what the request asks) is passed over with a note.
 */
export function byRule(decision: Decision): Route | undefined {
  const { request, demand, tenant, guess, notes } = decision;
  const subject: RuleSubject = {
    ...demand,
    model: isAuto(request.model) ? AUTO : request.model.trim(),
    task: guess,
  };
  for (const rule of inOrder(tenant.rules)) {
    if (!holds(rule, subject)) continue;
    const led = lead(decision, rule);
    if (typeof led !== 'string') return led;
    notes.push(`The rule "${rule.name}" was skipped: ${led}.`);
  }
  return undefined;
}

/** Where a rule leads, or why it cannot be followed. */
function lead(decision: Decision, rule: Rule): Route | string {
  const { target } = rule;
  const own = { rule: { id: rule.id, name: rule.name }, notes: decision.notes };
  const plain = { ...plainly(`By the rule "${rule.name}".`), ...own };
  if ('panel' in target) {
    const panel = panelNamed(target.panel, decision);
    if (panel === undefined) return `there is no panel "${target.panel}"`;
    const targets = usableModels(panel, decision.catalog);
    if (targets.length === 0) return `none of the models of "${target.panel}" can be called`;
    if (decision.preferences !== null) return 'a panel cannot keep the provider preferences of a request';
    return routeTo(decision, targets, 'rule', plain, { panel, ruleId: rule.id });
  }
  if ('model' in target) {
    const model = servable(decision, target.model);
    if (model === undefined) return `${target.model} ${whyNot(decision, target.model)}`;
    return routeTo(decision, [model, ...fallbacksOf(decision, rule)], 'rule', plain, { ruleId: rule.id });
  }
  const pool = unique(target.auto.flatMap((name) => servable(decision, name) ?? []));
  if (pool.length === 0) return `none of ${target.auto.join(', ')} can serve the request`;
  const choice = best(decision, pool);
  const reason = `By the rule "${rule.name}": ${choice.explanation.reason}`;
  const fallbacks = fallbacksOf(decision, rule);
  const next = fallbacks.length > 0 ? fallbacks : choice.fallbacks;
  return routeTo(
    decision,
    [choice.first, ...next],
    'rule',
    { ...choice.explanation, ...own, reason },
    { ruleId: rule.id },
  );
}

/** The rule's own fallbacks, then those that the request names. */
function fallbacksOf(decision: Decision, rule: Rule): Model[] {
  return [
    ...rule.fallbacks.flatMap((name) => servable(decision, name) ?? []),
    ...decision.request.models.flatMap((name) => fallbacksNamed(decision, name)),
  ];
}

/** The model of a rule, when it can serve the request under the request's own preferences. */
function servable(decision: Decision, name: string): Model | undefined {
  return whyNot(decision, name) === undefined ? decision.catalog.find(name) : undefined;
}

function whyNot({ catalog, demand, preferences, request }: Decision, name: string): string | undefined {
  const model = catalog.find(name);
  if (model === undefined) return 'is not known';
  if (model.category !== (request.category ?? 'chat')) return `is a model for ${model.category}`;
  if (!catalog.isAvailable(model)) return `cannot be called: there is no key for ${model.provider}`;
  const [lack] = lacks(model, demand);
  if (lack !== undefined) return `is no model that ${lack}`;
  const removedBy = preferences === null ? null : narrow([model], preferences, demand).removedBy;
  return removedBy === null ? undefined : `is ruled out by \`provider.${removedBy.field}\``;
}
