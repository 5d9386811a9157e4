import { z } from 'zod';
import { capabilitySchema } from '../../contracts/models.ts';
import { type ResolvedRoute, taskSchema } from '../../contracts/routing.ts';
import { resolve } from '../../features/routing/index.ts';
import { tool } from '../tool.ts';
import { FIELD_WORDS, TOOL_WORDS } from '../wording.ts';

/** More than the router looks at; what is longer says its size in `input_tokens`. */
const MAX_PROMPT_CHARACTERS = 200_000;

const input = z.strictObject({
  prompt: z.string().max(MAX_PROMPT_CHARACTERS).optional().describe(FIELD_WORDS.routedPrompt),
  model: z.string().max(200).default('auto').describe(FIELD_WORDS.routedModel),
  task: taskSchema.optional(),
  needs: z.array(capabilitySchema).max(8).optional(),
  input_tokens: z.int().min(0).max(100_000_000).optional(),
  max_tokens: z.int().min(1).max(10_000_000).optional(),
});

const output = z.object({
  model: z.string(),
  provider: z.string(),
  fallbacks: z.array(z.string()),
  chosen_by: z.string(),
  reason: z.string(),
  confidence: z.number(),
  task: z.object({ name: z.string(), confidence: z.number() }).nullable(),
  estimate: z
    .object({
      input_tokens: z.int(),
      output_tokens: z.int(),
      cost_usd: z.number().nullable(),
      first_token_ms: z.int(),
      latency_ms: z.int(),
      success_rate: z.number(),
    })
    .nullable(),
  runners_up: z.array(z.object({ model: z.string(), score: z.number() })),
  rule: z.string().nullable(),
  panel: z.array(z.string()).nullable(),
  notes: z.array(z.string()),
});

export const resolveModel = tool({
  name: 'resolve_model',
  ...TOOL_WORDS.resolve_model,
  permission: 'routing:read',
  annotations: { readOnlyHint: true, openWorldHint: false },
  input,
  output,
  async run(request, { router, principal }) {
    const route = await resolve(router, principal, request);
    return { kind: 'answer', structured: shortened(route), text: textOf(route), links: [] };
  },
});

function shortened(route: ResolvedRoute): z.infer<typeof output> {
  return {
    model: route.model,
    provider: route.provider,
    fallbacks: route.fallbacks,
    chosen_by: route.chosen_by,
    reason: route.reason,
    confidence: route.confidence,
    task: route.task === null ? null : { name: route.task.name, confidence: route.task.confidence },
    estimate: route.estimate,
    runners_up: route.runners_up.map(({ model, score }) => ({ model, score })),
    rule: route.rule?.name ?? null,
    panel: route.panel?.models ?? null,
    notes: route.notes,
  };
}

function textOf({ model, reason, fallbacks, panel, estimate, runners_up, notes }: ResolvedRoute): string {
  const lines = [`${model}. ${reason}`];
  if (panel !== null) lines.push(`Its models: ${panel.models.join(', ')}.`);
  if (estimate !== null) {
    const cost = estimate.cost_usd === null ? 'price unknown' : `$${estimate.cost_usd}`;
    lines.push(
      `Expected: ${estimate.output_tokens} tokens of answer, ${cost}, ${estimate.latency_ms} ms, ${Math.round(estimate.success_rate * 100)} % of calls succeed.`,
    );
  }
  if (fallbacks.length > 0) lines.push(`Then: ${fallbacks.join(', ')}.`);
  if (runners_up.length > 0)
    lines.push(`Runners-up: ${runners_up.map((one) => `${one.model} (${one.score})`).join(', ')}.`);
  return [...lines, ...notes].join('\n');
}
