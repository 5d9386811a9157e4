import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { PanelRequest, RuleConditions, RuleTarget } from '../../contracts/routing.ts';

/**
 * What calls to a model were like in an hour, as sums that can be added to in any order: counts, and sums of natural logarithms (`_sum`) and of their
 * squares (`_sq`). Holds nothing of who called. The platform's own; see `learned-statements.ts` for what is counted.
 */
export const routingHours = sqliteTable(
  'routing_hours',
  {
    /** When the hour begins, in milliseconds. */
    hour: integer('hour').notNull(),
    /** `provider/name`. */
    model: text('model').notNull(),
    /** Empty where nobody had told the task. */
    task: text('task').notNull(),
    /** Calls that say something of the model's reliability, and those of them that succeeded. */
    n: real('n').notNull(),
    ok: real('ok').notNull(),
    /** Milliseconds to the first content. */
    firstN: real('first_n').notNull(),
    firstSum: real('first_sum').notNull(),
    firstSq: real('first_sq').notNull(),
    /** Milliseconds for each token of output after that. */
    tokenN: real('token_n').notNull(),
    tokenSum: real('token_sum').notNull(),
    tokenSq: real('token_sq').notNull(),
    /** Milliseconds from begin to end. */
    totalN: real('total_n').notNull(),
    totalSum: real('total_sum').notNull(),
    /** Tokens of output. */
    outputN: real('output_n').notNull(),
    outputSum: real('output_sum').notNull(),
    outputSq: real('output_sq').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.model, table.task] })],
);

/** How long the answers of a model were in an hour, by what they were for: a count, and sums of natural logarithms of tokens and of their squares. The platform's own. */
export const routingLengths = sqliteTable(
  'routing_lengths',
  {
    /** When the hour begins, in milliseconds. */
    hour: integer('hour').notNull(),
    /** `provider/name`. */
    model: text('model').notNull(),
    /** As a usage event says it. */
    feature: text('feature').notNull(),
    n: real('n').notNull(),
    sum: real('sum').notNull(),
    sq: real('sq').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hour, table.model, table.feature] })],
);

/** The hours of the last week summed up with decay, in one row that isolates read. The platform's own. */
export const routingFigures = sqliteTable('routing_figures', {
  id: text('id').primaryKey(),
  /** When it was summed up, in milliseconds. */
  at: integer('at').notNull(),
  /** JSON of `LearnedFigures`. */
  figures: text('figures').notNull(),
});

/** A tenant's rules. Which comes first: the lowest priority, then the lowest id. */
export const routingRules = sqliteTable(
  'routing_rules',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    name: text('name').notNull(),
    enabled: integer('enabled', { mode: 'boolean' }).notNull(),
    priority: integer('priority').notNull(),
    conditions: text('conditions', { mode: 'json' }).$type<RuleConditions>().notNull(),
    target: text('target', { mode: 'json' }).$type<RuleTarget>().notNull(),
    fallbacks: text('fallbacks', { mode: 'json' }).$type<string[]>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [index('routing_rules_tenant').on(table.tenantId, table.priority, table.id)],
);

/** A tenant's named panels. */
export const routingPanels = sqliteTable(
  'routing_panels',
  {
    id: text('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    name: text('name').notNull(),
    /** All but the name. */
    panel: text('panel', { mode: 'json' }).$type<Omit<PanelRequest, 'name'>>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  },
  (table) => [
    uniqueIndex('routing_panels_name').on(table.tenantId, table.name),
    index('routing_panels_tenant').on(table.tenantId, table.id),
  ],
);

/** What a tenant wants of `auto`; without a row the defaults hold. */
export const routingSettings = sqliteTable('routing_settings', {
  tenantId: text('tenant_id').primaryKey(),
  exploration: real('exploration').notNull(),
  costWeight: real('cost_weight').notNull(),
  latencyWeight: real('latency_weight').notNull(),
  qualityWeight: real('quality_weight').notNull(),
  reliabilityWeight: real('reliability_weight').notNull(),
  updatedAt: integer('updated_at').notNull(),
});
