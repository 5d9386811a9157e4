import type { InferSelectModel } from 'drizzle-orm';
import type { routingPanels, routingRules, routingSettings } from './schema.ts';
import type { Panel, Rule, TenantRouting } from './tenant-routing.ts';

export type RuleRow = InferSelectModel<typeof routingRules>;
export type PanelRow = InferSelectModel<typeof routingPanels>;
export type SettingsRow = InferSelectModel<typeof routingSettings>;

export function ruleOf({ id, name, enabled, priority, conditions, target, fallbacks }: RuleRow): Rule {
  return { id, name, enabled, priority, conditions, target, fallbacks };
}

export function panelOf({ name, panel }: PanelRow): Panel {
  return {
    name,
    models: panel.models,
    strategy: panel.strategy,
    mergeModel: panel.merge_model ?? null,
    rounds: panel.rounds ?? null,
    quorum: panel.quorum ?? null,
    stragglerGraceMs: panel.straggler_grace_ms ?? null,
  };
}

export function settingsOf(row: SettingsRow): Pick<TenantRouting, 'exploration' | 'weights'> {
  return {
    exploration: row.exploration,
    weights: {
      cost: row.costWeight,
      latency: row.latencyWeight,
      quality: row.qualityWeight,
      reliability: row.reliabilityWeight,
    },
  };
}
