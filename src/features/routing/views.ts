import type { z } from 'zod';
import type { panelSchema, routingSettingsSchema, ruleSchema } from '../../contracts/routing.ts';
import { iso } from '../../platform/clock.ts';
import { PANEL_PREFIX } from './route.ts';
import type { Page } from './routing-context.ts';
import { normalised } from './score.ts';
import { type PanelRow, panelOf, type RuleRow } from './stored.ts';
import type { TenantRouting } from './tenant-routing.ts';

export function ruleView(row: RuleRow): z.input<typeof ruleSchema> {
  return {
    id: row.id,
    object: 'routing_rule',
    name: row.name,
    enabled: row.enabled,
    priority: row.priority,
    conditions: row.conditions,
    target: row.target,
    fallbacks: row.fallbacks,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

export function panelView(row: PanelRow): z.input<typeof panelSchema> {
  const panel = panelOf(row);
  return {
    id: row.id,
    object: 'panel',
    name: panel.name,
    model: `${PANEL_PREFIX}${panel.name}`,
    models: panel.models,
    strategy: panel.strategy,
    merge_model: panel.mergeModel,
    rounds: panel.rounds,
    quorum: panel.quorum,
    straggler_grace_ms: panel.stragglerGraceMs,
    created_at: iso(row.createdAt),
    updated_at: iso(row.updatedAt),
  };
}

export function settingsView({
  exploration,
  weights,
}: Pick<TenantRouting, 'exploration' | 'weights'>): z.input<typeof routingSettingsSchema> {
  return { object: 'routing_settings', exploration, weights: normalised(weights) };
}

export function pageView<Row, View>({ rows, nextCursor }: Page<Row>, view: (row: Row) => View) {
  return {
    object: 'list' as const,
    data: rows.map(view),
    has_more: nextCursor !== null,
    next_cursor: nextCursor,
  };
}
