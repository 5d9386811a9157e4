import { z } from 'zod';
import { listOf } from './list.ts';
import { CAPABILITIES, capabilitySchema } from './models.ts';
import { MAX_MODELS, mergeStrategySchema, modelChoiceSchema } from './perspectives.ts';

/** What a prompt asks for, as the router tells tasks apart: each is one that models differ in. */
export const TASKS = [
  'chat',
  'coding',
  'reasoning',
  'math',
  'writing',
  'summarization',
  'extraction',
  'translation',
  'vision',
  'tool_use',
] as const;
export const taskSchema = z.enum(TASKS);
export type Task = z.infer<typeof taskSchema>;

const modelName = z.string().trim().min(1).max(200);

/** A name that people give and read in lists: no control characters, and none that turn the direction of text. */
const displayName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u, { error: 'must not have control characters' });

const usd = z.number().min(0).max(1_000_000);

/* ── Provider preferences ─────────────────────────────────────────────────────────────────────────────── */

export const OFFER_SORTS = ['price', 'latency', 'throughput'] as const;
const offerSortSchema = z.enum(OFFER_SORTS);
export type OfferSort = z.infer<typeof offerSortSchema>;

const providerNames = z.array(z.string().trim().min(1).max(100)).max(50).nullish();
/** Clients made for OpenRouter send prices as numbers or as decimal texts. */
const priceBound = z
  .union([
    usd,
    z
      .string()
      .regex(/^\d+(?:\.\d+)?$/, { error: 'must be a number of dollars' })
      .transform(Number)
      .pipe(usd),
  ])
  .nullish();

/**
 * `provider` in a request: which of the providers of a model may serve it, and in what order. The members are those that people already
 * send to OpenRouter (https://openrouter.ai/docs/features/provider-routing).
 */
export const providerPreferencesSchema = z
  .strictObject({
    order: providerNames.meta({ description: 'Providers to try first, in this order.' }),
    only: providerNames.meta({ description: 'No other provider than these.' }),
    ignore: providerNames.meta({ description: 'None of these providers.' }),
    allow_fallbacks: z
      .boolean()
      .nullish()
      .meta({ description: 'False: only the first choice, or with `order` only the providers in it.' }),
    require_parameters: z
      .boolean()
      .nullish()
      .meta({ description: 'True: only offers that can do all that the request asks for.' }),
    data_collection: z.enum(['allow', 'deny']).nullish().meta({
      description: '`deny`: only providers whose published API terms say that they do not train on inputs.',
    }),
    zdr: z.boolean().nullish(),
    quantizations: z.array(z.string().max(20)).max(20).nullish(),
    sort: z
      .union([
        offerSortSchema,
        z.strictObject({ by: offerSortSchema, partition: z.enum(['model', 'none']).nullish() }),
      ])
      .nullish(),
    max_price: z
      .strictObject({ prompt: priceBound, completion: priceBound, request: priceBound })
      .nullish()
      .meta({ description: 'US dollars per million tokens, and per request.' }),
  })
  .meta({ id: 'ProviderPreferences' });
export type ProviderPreferences = z.infer<typeof providerPreferencesSchema>;

/* ── Settings ─────────────────────────────────────────────────────────────────────────────────────────── */

export const COMPONENTS = ['cost', 'latency', 'quality', 'reliability'] as const;
export type Component = (typeof COMPONENTS)[number];

const weight = z.number().min(0).max(100);
const weightsShape = { cost: weight, latency: weight, quality: weight, reliability: weight };

/** What `auto` weighs when a tenant says nothing else. */
export const DEFAULT_WEIGHTS: Readonly<Record<Component, number>> = {
  cost: 0.25,
  latency: 0.25,
  quality: 0.35,
  reliability: 0.15,
};
export const DEFAULT_EXPLORATION = 0.02;
export const MAX_EXPLORATION = 0.2;

/** Body of `PUT /v1/routing/settings`; what is absent takes its default. */
export const routingSettingsRequestSchema = z
  .strictObject({
    exploration: z.number().min(0).max(MAX_EXPLORATION).default(DEFAULT_EXPLORATION).meta({
      description:
        'Share of `auto` requests that go to a near-best model of which little is known. 0 switches it off.',
    }),
    weights: z
      .strictObject(weightsShape)
      .refine((weights) => Object.values(weights).some((value) => value > 0), {
        error: 'must not all be 0',
      })
      .default({ ...DEFAULT_WEIGHTS })
      .meta({ description: 'What counts how much; only their proportion matters.' }),
  })
  .meta({ id: 'RoutingSettingsRequest' });
export type RoutingSettingsRequest = z.infer<typeof routingSettingsRequestSchema>;

export const routingSettingsSchema = z
  .object({
    object: z.literal('routing_settings'),
    exploration: z.number(),
    weights: z.object(weightsShape).meta({ description: 'They add up to 1.' }),
  })
  .meta({ id: 'RoutingSettings' });

/* ── Panels ───────────────────────────────────────────────────────────────────────────────────────────── */

/** Panels that every tenant has: the models of a run's default, under one merge each. */
export const BUILT_IN_PANELS = {
  consensus: 'consensus',
  best: 'best_of',
  synthesis: 'synthesize',
  debate: 'debate',
} as const satisfies Record<string, z.infer<typeof mergeStrategySchema>>;

/** Bound of a panel as JSON, in characters: panels are kept in memory where requests are routed. */
export const MAX_PANEL_CHARACTERS = 16_000;

/** Body of `POST /v1/routing/panels` and `PUT /v1/routing/panels/{id}`. */
export const panelRequestSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,39}$/, {
        error: 'must be 1 to 40 lower-case letters, digits, points, hyphens or underscores',
      })
      .refine((name) => !Object.hasOwn(BUILT_IN_PANELS, name), {
        error: `is a name that every tenant has already (${Object.keys(BUILT_IN_PANELS).join(', ')})`,
      })
      .meta({ description: 'The panel is used as the model `parallax/<name>`.', example: 'review' }),
    models: z.array(modelChoiceSchema).min(1).max(MAX_MODELS),
    strategy: mergeStrategySchema.default('consensus'),
    merge_model: modelName
      .nullish()
      .meta({ description: 'The model that merges; a capable one is chosen when absent.' }),
    rounds: z.int().min(1).max(3).nullish().meta({ description: 'Rounds of a debate.' }),
    quorum: z.int().min(1).max(MAX_MODELS).nullish(),
    straggler_grace_ms: z.int().min(0).max(600_000).nullish(),
  })
  .refine(({ quorum, models }) => quorum == null || quorum <= models.length, {
    error: 'is larger than the number of models',
    path: ['quorum'],
  })
  .refine((panel) => JSON.stringify(panel).length <= MAX_PANEL_CHARACTERS, {
    error: `must be at most ${MAX_PANEL_CHARACTERS} characters as JSON; shorten the system texts`,
    path: ['models'],
  })
  .meta({ id: 'PanelRequest' });
export type PanelRequest = z.infer<typeof panelRequestSchema>;

export const panelSchema = z
  .object({
    id: z.string(),
    object: z.literal('panel'),
    name: z.string(),
    model: z.string().meta({ description: 'The name to ask for: `parallax/<name>`.' }),
    models: z.array(modelChoiceSchema),
    strategy: mergeStrategySchema,
    merge_model: z.string().nullable(),
    rounds: z.int().nullable(),
    quorum: z.int().nullable(),
    straggler_grace_ms: z.int().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Panel' });

/* ── Rules ────────────────────────────────────────────────────────────────────────────────────────────── */

export const MAX_RULE_MODELS = 20;
export const MAX_RULE_FALLBACKS = 5;

const tokens = z.int().min(0).max(100_000_000);

/** When a rule holds: all that is named must be so; without conditions it always holds. */
export const ruleConditionsSchema = z
  .strictObject({
    tasks: z
      .array(taskSchema)
      .min(1)
      .max(TASKS.length)
      .optional()
      .meta({ description: 'The prompt’s task is one of these.' }),
    min_confidence: z
      .number()
      .min(0)
      .max(1)
      .optional()
      .meta({ description: 'How sure the task must be; for rules with `tasks`.' }),
    min_input_tokens: tokens.optional(),
    max_input_tokens: tokens.optional(),
    capabilities: z
      .array(capabilitySchema)
      .min(1)
      .max(CAPABILITIES.length)
      .optional()
      .meta({ description: 'The request needs all of these.' }),
    model: z.string().trim().min(1).max(200).optional().meta({
      description:
        'The name that was asked for, whatever its case; `*` stands for any characters. `auto`, an alias, or a name of your own.',
      example: 'support-*',
    }),
  })
  .refine(({ min_confidence, tasks }) => min_confidence === undefined || tasks !== undefined, {
    error: 'needs `tasks`',
    path: ['min_confidence'],
  })
  .refine(({ min_input_tokens: min = 0, max_input_tokens: max = Number.POSITIVE_INFINITY }) => min <= max, {
    error: 'must not be below min_input_tokens',
    path: ['max_input_tokens'],
  });
export type RuleConditions = z.infer<typeof ruleConditionsSchema>;

/** Where a rule leads: one model, the best of several by score, or a panel. */
export const ruleTargetSchema = z.union([
  z.strictObject({ model: modelName }),
  z.strictObject({ auto: z.array(modelName).min(1).max(MAX_RULE_MODELS) }),
  z.strictObject({ panel: z.string().min(1).max(60) }),
]);
export type RuleTarget = z.infer<typeof ruleTargetSchema>;

/** Body of `POST /v1/routing/rules` and `PUT /v1/routing/rules/{id}`. */
export const ruleRequestSchema = z
  .strictObject({
    name: displayName,
    enabled: z.boolean().default(true),
    priority: z.int().min(0).max(1_000_000).default(100).meta({
      description: 'Rules are looked at from the lowest number up; of equal ones, the older first.',
    }),
    conditions: ruleConditionsSchema.default({}),
    target: z
      .union([modelName.transform((model) => ({ model })), ruleTargetSchema])
      .meta({ description: 'A model’s id or alias, or one of the three forms.' }),
    fallbacks: z.array(modelName).max(MAX_RULE_FALLBACKS).default([]),
  })
  .meta({ id: 'RoutingRuleRequest' });
export type RuleRequest = z.infer<typeof ruleRequestSchema>;

export const ruleSchema = z
  .object({
    id: z.string(),
    object: z.literal('routing_rule'),
    name: z.string(),
    enabled: z.boolean(),
    priority: z.int(),
    conditions: ruleConditionsSchema,
    target: ruleTargetSchema,
    fallbacks: z.array(z.string()),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'RoutingRule' });

export const routingListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(100).optional(),
});

export const ruleListSchema = listOf(ruleSchema).meta({ id: 'RoutingRuleList' });
export const panelListSchema = listOf(panelSchema).meta({ id: 'PanelList' });

export const deletedSchema = z
  .object({ id: z.string(), object: z.literal('deleted') })
  .meta({ id: 'DeletedRoutingEntry' });

/* ── Trying a rule ────────────────────────────────────────────────────────────────────────────────────── */

/** Body of `POST /v1/routing/rules/test`: a rule that is not saved, or a saved one by its id. */
export const ruleTestRequestSchema = z
  .strictObject({
    rule: ruleRequestSchema.partial({ name: true }).optional(),
    id: z.string().max(60).optional(),
    days: z.int().min(1).max(30).default(7),
  })
  .refine(({ rule, id }) => (rule === undefined) !== (id === undefined), {
    error: 'give either a rule or the id of a saved one',
    path: ['rule'],
  })
  .meta({ id: 'RuleTestRequest' });
export type RuleTestRequest = z.infer<typeof ruleTestRequestSchema>;

export const ruleTestSchema = z
  .object({
    object: z.literal('rule_test'),
    days: z.int(),
    considered: z.int().meta({ description: 'Calls of this time that were looked at, newest first.' }),
    truncated: z.boolean().meta({ description: 'There were more calls than are looked at.' }),
    matched: z.int().meta({ description: 'Calls that the conditions hold for.' }),
    matched_explicit: z.int().meta({
      description:
        'Of these, calls that named a model. A rule reaches such calls only once they ask for `auto`.',
    }),
    without_task: z.int().meta({
      description: 'Calls left out because the rule has `tasks` and nobody had told their task.',
    }),
    unchecked: z
      .array(z.string())
      .meta({ description: 'Conditions that past calls say nothing of; they were taken to hold.' }),
    went_to: z.array(z.object({ model: z.string(), calls: z.int(), cost_usd: z.number() })),
    would_go_to: z.array(z.object({ model: z.string(), calls: z.int() })),
    cost_usd: z.number().meta({ description: 'What the matched calls cost.' }),
    estimated_cost_usd: z.number().meta({ description: 'What they would have cost at the target.' }),
    unpriced: z.int().meta({
      description: 'Matched calls without a known price, then or at the target; they are in neither figure.',
    }),
    latency_ms: z.number().nullable().meta({ description: 'What the matched calls took, on average.' }),
    estimated_latency_ms: z.number().nullable(),
    notes: z.array(z.string()),
    examples: z.array(
      z.object({
        at: z.iso.datetime(),
        model: z.string(),
        would_go_to: z.string(),
        task: z.string().nullable(),
        input_tokens: z.int(),
        output_tokens: z.int(),
        cost_usd: z.number().nullable(),
        estimated_cost_usd: z.number().nullable(),
        latency_ms: z.int(),
        estimated_latency_ms: z.number(),
      }),
    ),
  })
  .meta({ id: 'RuleTest' });

/* ── Resolving ────────────────────────────────────────────────────────────────────────────────────────── */

/** A message as chat clients send it: the text is looked at, everything else is let through unread. */
const looseMessageSchema = z.looseObject({
  role: z.string().max(40),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish(),
});

/**
 * Body of `POST /v1/resolve`. Unknown members are let through: the body of a chat request can be sent here as it is, to see where it
 * would go.
 */
export const resolveRequestSchema = z
  .object({
    model: modelName.optional().meta({ description: '`auto` when absent, or a name as requests have it.' }),
    models: z
      .array(modelName)
      .max(20)
      .optional()
      .meta({ description: 'Fallbacks in order, as in a chat request.' }),
    prompt: z.string().optional(),
    messages: z.array(looseMessageSchema).max(2_000).optional(),
    system: z.string().optional(),
    task: taskSchema
      .optional()
      .meta({ description: 'The task, where you know it better than the prompt says.' }),
    needs: z
      .array(capabilitySchema)
      .max(CAPABILITIES.length)
      .optional()
      .meta({ description: 'Capabilities that the model must have, beside those that the request shows.' }),
    capabilities: z.array(capabilitySchema).max(CAPABILITIES.length).optional(),
    tools: z
      .union([z.int().min(0).max(10_000), z.array(z.unknown()).max(10_000)])
      .optional()
      .meta({ description: 'The tools, or how many.' }),
    response_format: z.looseObject({ type: z.string() }).optional(),
    input_tokens: tokens.optional().meta({ description: 'Instead of counting the text.' }),
    max_tokens: z.int().min(1).max(10_000_000).optional(),
    provider: providerPreferencesSchema.optional(),
  })
  .meta({ id: 'ResolveRequest' });
export type ResolveRequest = z.infer<typeof resolveRequestSchema>;

const componentsSchema = z.object({
  cost: z.number(),
  latency: z.number(),
  quality: z.number(),
  reliability: z.number(),
});

export const estimateSchema = z.object({
  input_tokens: z.int(),
  output_tokens: z.int(),
  cost_usd: z.number().nullable().meta({ description: 'Null where a price is not known.' }),
  first_token_ms: z.int(),
  latency_ms: z.int(),
  success_rate: z.number(),
});

/** Where a request would go, and why. */
export const resolvedRouteSchema = z
  .object({
    object: z.literal('route'),
    model: z.string(),
    provider: z.string(),
    fallbacks: z.array(z.string()),
    chosen_by: z.enum(['explicit', 'alias', 'rule', 'auto', 'fallback']),
    reason: z.string(),
    confidence: z.number().meta({
      description:
        'How probable it is that the choice is better than the next, by what is known; 1 where nothing was weighed.',
    }),
    task: z
      .object({
        name: taskSchema,
        confidence: z.number(),
        scores: z.array(z.object({ task: taskSchema, probability: z.number() })),
      })
      .nullable()
      .meta({ description: 'Null where the choice did not need it.' }),
    estimate: estimateSchema.nullable(),
    score: z.number().nullable(),
    components: componentsSchema.nullable(),
    runners_up: z.array(
      z.object({
        model: z.string(),
        provider: z.string(),
        score: z.number(),
        components: componentsSchema,
        estimate: estimateSchema,
      }),
    ),
    rule: z.object({ id: z.string(), name: z.string() }).nullable(),
    panel: z
      .object({ name: z.string(), strategy: mergeStrategySchema, models: z.array(z.string()) })
      .nullable(),
    exploration: z.literal(false).meta({ description: 'Resolving never explores.' }),
    exploration_share: z
      .number()
      .meta({ description: 'The share of `auto` requests of this tenant that do.' }),
    notes: z.array(z.string()).meta({ description: 'Rules that were skipped, and other things to know.' }),
  })
  .meta({ id: 'ResolvedRoute' });
export type ResolvedRoute = z.infer<typeof resolvedRouteSchema>;
