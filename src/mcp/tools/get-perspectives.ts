import { z } from 'zod';
import {
  MAX_MODELS,
  MERGE_STRATEGIES,
  type PerspectivesRequest,
  perspectivesRequestSchema,
} from '../../contracts/perspectives.ts';
import { ParallaxError } from '../../platform/errors.ts';
import { validate } from '../../platform/http/read-json.ts';
import { runDigestSchema } from '../digest/run-digest.ts';
import { runAnswer } from '../run-answer.ts';
import { type ToolContext, tool } from '../tool.ts';
import { watchRun } from '../watch-run.ts';
import { FIELD_WORDS, TOOL_WORDS } from '../wording.ts';

const input = z.strictObject({
  prompt: z.string().optional().describe(FIELD_WORDS.prompt),
  run_id: z.string().max(64).optional().describe(FIELD_WORDS.runId),
  system: z.string().optional(),
  models: z.array(z.string()).max(MAX_MODELS).optional().describe(FIELD_WORDS.models),
  stances: z.array(z.string()).max(MAX_MODELS).optional().describe(FIELD_WORDS.stances),
  strategy: z
    .enum([...MERGE_STRATEGIES, 'none'])
    .optional()
    .describe(FIELD_WORDS.strategy),
  quorum: z.int().min(1).max(MAX_MODELS).optional().describe(FIELD_WORDS.quorum),
  continue_from: z.string().max(64).optional().describe(FIELD_WORDS.continueFrom),
  max_cost_usd: z.number().positive().optional().describe(FIELD_WORDS.maxCost),
  max_tokens: z.int().min(1).optional().describe(FIELD_WORDS.maxTokens),
});
type Input = z.output<typeof input>;

/** One question to several models. The run outlives the call: what a client does not wait for is kept and can be had with `run_id`. */
export const getPerspectives = tool({
  name: 'get_perspectives',
  ...TOOL_WORDS.get_perspectives,
  permission: 'perspectives:use',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input,
  output: runDigestSchema,
  long: true,
  asksModels: true,
  async run(args, context) {
    const id = args.run_id === undefined ? await startRun(args, context) : await earlierRun(args, context);
    if (context.task === 'at-once') return { kind: 'task', runId: id };
    const run = await watchRun({
      runs: context.runs,
      principal: context.principal,
      id,
      patienceMs: context.task === 'when-slow' ? context.patience.taskMs : context.patience.answerMs,
      heartbeatMs: context.patience.heartbeatMs,
      progress: context.progress,
      signal: context.signal,
      log: context.log,
    });
    if (run === null) {
      // Who only waited for an earlier run has no business stopping it.
      if (context.goneMeansCancel && args.run_id === undefined)
        await context.runs.cancel(context.principal, id);
      return { kind: 'task', runId: id };
    }
    if (run.status === 'running' && context.task === 'when-slow') return { kind: 'task', runId: id };
    return runAnswer(run);
  },
});

async function startRun(args: Input, context: ToolContext): Promise<string> {
  if (args.prompt === undefined) {
    throw new ParallaxError(
      'invalid_parameter',
      '`prompt` is missing. Give a prompt, or the run_id of an earlier run.',
      { param: 'prompt' },
    );
  }
  const { id } = await context.runs.start(context.principal, await requestOf(args, args.prompt, context), {
    origin: 'mcp',
  });
  await context.started(id);
  return id;
}

async function earlierRun(args: Input, context: ToolContext): Promise<string> {
  const { run_id: id = '', ...others } = args;
  if (Object.values(others).some((value) => value !== undefined)) {
    throw new ParallaxError(
      'invalid_parameter',
      '`run_id` stands alone: it returns an earlier run. To ask more, use `continue_from` with a prompt.',
      {
        param: 'run_id',
      },
    );
  }
  // Refuses an unknown run before a task is made of it.
  await context.runs.get(context.principal, id);
  return id;
}

/** The tool's short arguments as the request that the service takes, checked by the contract that all surfaces share. */
async function requestOf(args: Input, prompt: string, context: ToolContext): Promise<PerspectivesRequest> {
  const { stances = [], strategy = 'consensus' } = args;
  const models =
    args.models ??
    (stances.length === 0 ? undefined : (await context.catalog()).defaultTrio().map((model) => model.id));
  if (models !== undefined && stances.length > models.length) {
    throw new ParallaxError(
      'invalid_parameter',
      `There are ${stances.length} stances for ${models.length} models: name a model for each.`,
      {
        param: 'stances',
      },
    );
  }
  const choices = models?.map((model, index) => {
    const stance = stances[index]?.trim() ?? '';
    return stance === '' ? model : { model, stance };
  });
  return validate(perspectivesRequestSchema, {
    prompt,
    system: args.system,
    models: choices,
    merge: strategy === 'none' || choices?.length === 1 ? undefined : { strategy },
    quorum: args.quorum,
    continue_from: args.continue_from,
    max_cost_usd: args.max_cost_usd,
    max_tokens: args.max_tokens,
  });
}
