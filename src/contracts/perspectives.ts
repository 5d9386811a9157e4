import { z } from 'zod';

/** Most models in one run. */
export const MAX_MODELS = 12;
/** Most bytes of a request body on these routes. */
export const MAX_PROMPT_BYTES = 1024 * 1024;

export const MERGE_STRATEGIES = ['consensus', 'best_of', 'synthesize', 'debate'] as const;
export const mergeStrategySchema = z.enum(MERGE_STRATEGIES).meta({
  description:
    '`consensus`: what the answers agree and disagree on. `best_of`: the best answer, judged blind. `synthesize`: one answer from all. `debate`: the models see and revise each other’s positions, then a conclusion.',
});
export type MergeStrategy = z.infer<typeof mergeStrategySchema>;

const text = z.string();
const modelName = z.string().trim().min(1).max(200);

export const modelChoiceSchema = z
  .union([
    modelName,
    z.strictObject({
      model: modelName,
      stance: z
        .string()
        .trim()
        .min(1)
        .max(2000)
        .optional()
        .meta({ description: 'The position or point of view this model is to argue from.' }),
      system: z
        .string()
        .max(100_000)
        .optional()
        .meta({ description: 'System text for this model, in place of the run’s.' }),
    }),
  ])
  .meta({ description: 'A model’s id or alias, or one with a stance or system text of its own.' });
export type ModelChoice = z.infer<typeof modelChoiceSchema>;

export const mergeRequestSchema = z.strictObject({
  strategy: mergeStrategySchema,
  model: modelName
    .optional()
    .meta({ description: 'The model that merges; a capable one is chosen when absent.' }),
  rounds: z.int().min(1).max(3).optional().meta({ description: 'Rounds of a debate; 2 when absent.' }),
});
export type MergeRequest = z.infer<typeof mergeRequestSchema>;

/** Body of `POST /v1/perspectives`. */
export const perspectivesRequestSchema = z
  .strictObject({
    prompt: text
      .min(1, { error: 'must not be empty' })
      .refine((value) => value.trim() !== '', { error: 'must not be blank' }),
    system: z.string().max(100_000).optional(),
    models: z
      .array(modelChoiceSchema)
      .min(1)
      .max(MAX_MODELS)
      .optional()
      .meta({ description: 'Up to 12; a diverse trio that you can use when absent.' }),
    merge: mergeRequestSchema.optional(),
    memory: z.enum(['none', 'light', 'full']).default('none'),
    max_tokens: z.int().min(1).max(1_000_000).optional().meta({ description: 'Bound of each answer.' }),
    temperature: z.number().min(0).max(2).optional(),
    max_cost_usd: z
      .number()
      .positive()
      .max(10_000)
      .optional()
      .meta({ description: 'Refuse before spending when the estimate is above this.' }),
    timeout_ms: z
      .int()
      .min(100)
      .max(600_000)
      .optional()
      .meta({ description: 'Time for each perspective; 120,000 when absent.' }),
    quorum: z
      .int()
      .min(1)
      .max(MAX_MODELS)
      .optional()
      .meta({ description: 'Go on when this many perspectives are in.' }),
    straggler_grace_ms: z.int().min(0).max(600_000).optional().meta({
      description: 'How long the rest may still take once the quorum is reached; 2,000 when absent.',
    }),
    continue_from: z
      .string()
      .optional()
      .meta({ description: 'An earlier run whose question and positions this one carries on.' }),
    stream: z.boolean().default(false),
  })
  .meta({ id: 'PerspectivesRequest' });
export type PerspectivesRequest = z.infer<typeof perspectivesRequestSchema>;

/** Body of `POST /v1/perspectives/{id}/merge`. */
export const mergeRunRequestSchema = mergeRequestSchema
  .extend({ max_cost_usd: z.number().positive().max(10_000).optional() })
  .meta({ id: 'MergeRunRequest' });

const tokensSchema = z.object({ input_tokens: z.int(), output_tokens: z.int() });

export const perspectiveErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
});

export const toolCallSchema = z.object({
  id: z.string(),
  name: z.string(),
  arguments: z.string().meta({ description: 'JSON text, exactly as the model wrote it.' }),
});

export const perspectiveSchema = z
  .object({
    index: z.int(),
    model: z.string(),
    provider: z.string(),
    stance: z.string().nullable(),
    status: z.enum(['pending', 'streaming', 'completed', 'failed']),
    content: z
      .string()
      .meta({ description: 'The answer; what was produced before it broke off when it failed.' }),
    finish_reason: z.string().nullable().meta({
      description:
        'The model’s own word for why it ended; `credit_limit` where the answer was ended because the credit did not reach further.',
    }),
    usage: tokensSchema,
    cost_usd: z.number(),
    latency_ms: z.number().nullable(),
    first_token_ms: z.number().nullable(),
    key_strategy: z
      .enum(['bridge', 'tenant', 'openrouter', 'platform', 'none'])
      .meta({ description: 'Whose key paid; `none` for a local model.' }),
    error: perspectiveErrorSchema.optional(),
    tool_calls: z.array(toolCallSchema).optional().meta({
      description: 'The tools that the model asked for; only in a run that carries a conversation.',
    }),
  })
  .meta({ id: 'Perspective' });
export type Perspective = z.infer<typeof perspectiveSchema>;

export const disagreementSchema = z.object({
  claim: z.string().meta({ description: 'What is at issue, as a statement.' }),
  positions: z.array(
    z.object({
      perspective: z.int().meta({ description: 'Index of the perspective.' }),
      model: z.string(),
      holds: z.enum(['yes', 'no', 'unclear']),
      statement: z.string().meta({ description: 'What it says of the claim.' }),
    }),
  ),
});
export type Disagreement = z.infer<typeof disagreementSchema>;

export const mergeSchema = z
  .object({
    strategy: mergeStrategySchema,
    model: z.string().nullable().meta({ description: 'The model that merged; null where none was needed.' }),
    content: z.string(),
    quality: z
      .number()
      .nullable()
      .meta({ description: '0 to 1, from the judging; null where nothing was judged.' }),
    contributions: z.array(z.object({ perspective: z.int(), model: z.string(), weight: z.number() })),
    agreements: z
      .array(z.object({ claim: z.string(), perspectives: z.array(z.int()), models: z.array(z.string()) }))
      .optional(),
    disagreements: z.array(disagreementSchema).optional(),
    rounds: z
      .array(
        z.object({
          round: z.int(),
          positions: z.array(
            z.object({
              perspective: z.int(),
              model: z.string(),
              content: z.string(),
              status: z.enum(['revised', 'kept', 'failed']),
            }),
          ),
        }),
      )
      .optional()
      .meta({ description: 'The rounds of a debate.' }),
    fallback: z.object({ from: mergeStrategySchema, reason: z.string() }).nullable().meta({
      description: 'Set when the asked merge could not be had and a simpler one stands in its place.',
    }),
    notes: z.array(z.string()).meta({
      description:
        'What a reader should know of how it came about: answers left out or cut, a tie and how it was broken.',
    }),
    usage: tokensSchema,
    cost_usd: z.number(),
  })
  .meta({ id: 'Merge' });
export type Merge = z.infer<typeof mergeSchema>;

export const decisionSchema = z
  .object({
    action: z.enum(['answer', 'tool_calls']).meta({
      description: '`tool_calls`: the calls of one perspective were passed on, and nothing merged.',
    }),
    perspective: z.int().nullable().meta({
      description: 'Whose calls or words were passed on as they are; null where texts were merged.',
    }),
    reason: z.string(),
  })
  .meta({ id: 'Decision' });
export type Decision = z.infer<typeof decisionSchema>;

export const receiptLineSchema = z.object({
  purpose: z.enum(['perspective', 'merge', 'debate']),
  perspective: z.int().nullable(),
  model: z.string(),
  key_strategy: z.string(),
  input_tokens: z.int(),
  cached_input_tokens: z.int(),
  cache_write_tokens: z.int(),
  output_tokens: z.int(),
  reasoning_tokens: z.int(),
  cost_nano_usd: z
    .int()
    .meta({ description: 'Exact cost at the provider’s prices, in billionths of a dollar.' }),
  charge_nano_usd: z.int().optional().meta({
    description: 'What credit is charged for it, with what the plan adds; 0 where your own key paid.',
  }),
  stop_reason: z.literal('credit_limit').optional().meta({
    description: 'There when the answer was ended because the credit did not reach further.',
  }),
  estimated: z
    .boolean()
    .meta({ description: 'True when the provider sent no usage and tokens were counted here.' }),
  priced: z.boolean().meta({
    description: 'False when the catalog knows no price for the model; its cost is then not in the figures.',
  }),
});

export const runSchema = z
  .object({
    id: z.string(),
    object: z.literal('run'),
    status: z.enum(['running', 'completed', 'partial', 'failed']),
    prompt: z.string(),
    created_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable(),
    continue_from: z.string().nullable(),
    perspectives: z.array(perspectiveSchema),
    merge: mergeSchema.nullable(),
    decision: decisionSchema.optional().meta({
      description: 'Whether a run that carries a conversation answered or called tools, and why.',
    }),
    memory: z.object({ injected: z.boolean(), sources: z.array(z.string()) }),
    usage: z.object({
      input_tokens: z.int(),
      output_tokens: z.int(),
      cost_usd: z.number(),
      balance_usd: z
        .number()
        .nullable()
        .meta({ description: 'Always null: `GET /v1/credits` has the balance.' }),
    }),
    receipt: z.object({ total_nano_usd: z.int(), lines: z.array(receiptLineSchema) }),
  })
  .meta({ id: 'Run' });
export type Run = z.infer<typeof runSchema>;

export const quoteSchema = z
  .object({
    object: z.literal('quote'),
    expected_usd: z.number().meta({ description: 'What it should cost.' }),
    maximum_usd: z.number().meta({
      description:
        'What it can cost at most, every answer at its bound; `max_cost_usd` is held against this.',
    }),
    unpriced: z
      .array(z.string())
      .meta({ description: 'Models without a price in the catalog; what they cost is in neither figure.' }),
    lines: z.array(
      z.object({
        purpose: z.enum(['perspective', 'merge', 'debate']),
        model: z.string(),
        input_tokens: z.int(),
        expected_output_tokens: z.int(),
        maximum_output_tokens: z.int(),
        expected_usd: z.number(),
        maximum_usd: z.number(),
      }),
    ),
  })
  .meta({ id: 'Quote' });
export type Quote = z.infer<typeof quoteSchema>;

export const runListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(100).optional(),
});
export const runListSchema = z
  .object({
    object: z.literal('list'),
    data: z.array(
      z.object({
        id: z.string(),
        status: z.string(),
        prompt_preview: z.string(),
        models: z.array(z.string()),
        strategy: z.string().nullable(),
        cost_usd: z.number(),
        created_at: z.iso.datetime(),
      }),
    ),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'RunList' });

/** The events of a run's stream; the SSE `event` is `type`, the SSE `id` counts from 1 within the run. */
export const runEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run.started'), run: runSchema }),
  z.object({ type: z.literal('perspective.delta'), index: z.int(), model: z.string(), delta: z.string() }),
  z.object({ type: z.literal('perspective.completed'), index: z.int(), perspective: perspectiveSchema }),
  z.object({ type: z.literal('perspective.failed'), index: z.int(), perspective: perspectiveSchema }),
  z.object({ type: z.literal('merge.delta'), delta: z.string() }),
  z.object({ type: z.literal('merge.completed'), merge: mergeSchema }),
  z.object({ type: z.literal('run.completed'), run: runSchema }),
]);
export type RunEvent = z.infer<typeof runEventSchema>;
